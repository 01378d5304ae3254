"""Checks one address: follows its redirects, asks with HEAD and then GET, and says in a Finding what it found."""

import logging
from dataclasses import dataclass
from threading import Lock

from django.utils.translation import gettext as _

from catalogue.draft import LIMITS
from catalogue.linkcheck import networks, pages
from catalogue.linkcheck.fetching import PERMANENT, Answer, NoAnswer, Web, Why, ask
from catalogue.linkcheck.findings import Finding, Outcome
from catalogue.linkcheck.networks import NotAllowed, Target
from catalogue.linkcheck.pacing import BUSY, Clock, LeftAlone, Turns
from catalogue.linkcheck.pages import Page
from catalogue.linkcheck.robots import Forbidden, Robots

logger = logging.getLogger(__name__)
# A host that busies itself with us too often is left alone for a day.
BUSY_WAIT = 24 * 3600.0
# Answers to programs that say nothing about readers.
CLOSED = (401, 402, 403, 407, 451, 999)
NEVER_DEAD = (Why.CERTIFICATE, Why.CIRCLE, Why.ROBOTS)
UNANSWERED = (Why.HOST, Why.CONNECTION)
MOST_REMEMBERED = 10_000


@dataclass(frozen=True)
class Visit:
    """Where an address led in the end, and where its permanent redirects led."""

    first: Target
    answer: Answer
    settled: Target

    @property
    def moved_to(self) -> str:
        """The address that should stand in its place; "" where it is the same, or cannot be kept."""
        fragment = self.settled.fragment or self.first.fragment
        url = self.settled.url + (f"#{fragment}" if fragment else "")
        return "" if self.settled == self.first or len(url) > LIMITS["url"] else url

    @property
    def is_redirected(self) -> bool:
        return self.answer.target != self.first


class Checker:
    """Checks addresses, in several threads at once. One for each run: it remembers what hosts have asked for."""

    def __init__(self, web: Web, clock: Clock) -> None:
        self.web = web
        self.turns = Turns(clock)
        self.robots = Robots(web, lambda target: self._ask(target, "GET"), self.turns.slow_down)
        self._lock = Lock()
        self._nonsense: dict[str, Page | None] = {}

    def check(self, url: str) -> Finding:
        """Say what has become of an address. Never raises: what goes wrong is what is found."""
        try:
            target = networks.read(url, self.web.allowed)
            return self._found(self._visit(target))
        except NotAllowed as problem:
            return Finding(Outcome.SKIPPED, str(problem), is_answered=False)
        except Forbidden:
            return Finding(Outcome.BARRED, _("The robots.txt of the host asks programs to keep away."))
        except LeftAlone as wish:
            sentence = _("The host has too much to do, and asked to be left alone.")
            return Finding(Outcome.LATER, sentence, wait=wish.seconds)
        except NoAnswer as problem:
            outcome = Outcome.TROUBLED if problem.why in NEVER_DEAD else Outcome.FAILED
            return Finding(outcome, str(problem), is_answered=problem.why not in UNANSWERED)
        except Exception as error:
            logger.exception("An address could not be checked: %s", url)
            sentence = _("The program failed at this address (%(error)s). Please report it.")
            return Finding(Outcome.LATER, sentence % {"error": type(error).__name__}, wait=BUSY_WAIT)

    def _visit(self, target: Target) -> Visit:
        """Ask with HEAD, and with GET where HEAD says too little or may lie."""
        try:
            visit = self._follow(target, "HEAD")
            is_enough = visit.answer.is_good and not visit.answer.is_text
            if is_enough or visit.answer.status in BUSY:
                return visit
        except NoAnswer as problem:
            if problem.why not in (Why.BROKEN, Why.TIME):
                raise
        return self._follow(target, "GET")

    def _follow(self, first: Target, method: str) -> Visit:
        """Ask, and follow redirects within bounds. Each is looked at as the first address was."""
        target = settled = first
        seen = {first.url}
        is_permanent = True
        for _redirect in range(self.web.limits.redirects + 1):
            self.robots.check(target)
            answer = self._ask(target, method)
            if not answer.is_redirect:
                return Visit(first, answer, settled)
            target = networks.follow(target, answer.location, self.web.allowed)
            is_permanent = is_permanent and answer.status in PERMANENT
            settled = target if is_permanent else settled
            if target.url in seen:
                raise NoAnswer(Why.CIRCLE, _("The redirects go round in a circle."))
            seen.add(target.url)
        raise NoAnswer(Why.CIRCLE, _("The redirects do not come to an end."))

    def _ask(self, target: Target, method: str) -> Answer:
        return self.turns.ask(target.host, lambda: ask(self.web, target, method))

    def _found(self, visit: Visit) -> Finding:
        answer = visit.answer
        code = answer.status
        page = pages.read(answer.target.url, answer.body) if answer.is_text and answer.body else None
        if page and pages.keeps_programs_away(page):
            sentence = _("The server shows a page that keeps programs away: “%(title)s”.")
            return Finding(Outcome.BARRED, sentence % {"title": page.titles[0]}, code)
        if answer.is_good:
            return self._good(visit, page)
        if code == 410:
            return Finding(Outcome.GONE, _("The server says that it is gone for good."), code)
        if code in (404, 400, 414):
            return Finding(Outcome.NOT_FOUND, _("The server says that there is no such page."), code)
        if code in CLOSED:
            return Finding(
                Outcome.BARRED, _("The server answers, but not to programs (%(code)d).") % {"code": code}, code
            )
        if code == 429:
            return Finding(Outcome.LATER, _("The host has too much to do."), code, wait=BUSY_WAIT)
        sentence = _("The server answers with an error (%(code)d).")
        return Finding(Outcome.FAILED, sentence % {"code": code}, code)

    def _good(self, visit: Visit, page: Page | None) -> Finding:
        """Look whether an answer of 200 is what was asked for."""
        answer, code = visit.answer, visit.answer.status
        if pages.is_front(answer.target) and not pages.is_front(visit.first):
            return Finding(Outcome.NOT_FOUND, _("It leads to the front page of the site only."), code)
        if page:
            title = pages.says_not_found(page)
            if title:
                sentence = _("The server shows a page that says: “%(title)s”.")
                return Finding(Outcome.NOT_FOUND, sentence % {"title": title}, code)
            if visit.is_redirected and pages.asks_for_password(answer.body):
                return Finding(Outcome.BARRED, _("It leads to a page that asks for a password."), code)
            if not pages.is_front(visit.first) and self._is_nonsense(visit, page):
                sentence = _("The server says the same of addresses that cannot exist.")
                return Finding(Outcome.NOT_FOUND, sentence, code)
        if visit.moved_to:
            return Finding(Outcome.MOVED, _("It has moved for good."), code, visit.moved_to)
        return Finding(Outcome.ALIVE, "", code)

    def _is_nonsense(self, visit: Visit, page: Page) -> bool:
        """Tell whether the server says the same of a neighbour that cannot exist. Asked once for each folder."""
        url, place = pages.sibling(visit.first)
        with self._lock:
            is_known = place in self._nonsense
        if not is_known:
            answered = self._nonsense_at(url)
            with self._lock:
                if len(self._nonsense) < MOST_REMEMBERED:
                    self._nonsense[place] = answered
        else:
            answered = self._nonsense[place]
        return answered is not None and pages.are_alike(page, answered)

    def _nonsense_at(self, url: str) -> Page | None:
        """Return the page that a server shows for an address that cannot exist; None where it says so honestly."""
        try:
            answer = self._follow(networks.read(url, self.web.allowed), "GET").answer
        except (NoAnswer, NotAllowed, Forbidden, LeftAlone):
            return None
        return pages.read(answer.target.url, answer.body) if answer.is_good and answer.is_text else None
