"""What hosts ask of programs in their robots.txt: read once a run for each host, and kept to."""

from collections.abc import Callable
from threading import Lock

from django.utils.translation import gettext as _
from protego import Protego

from catalogue.linkcheck import networks
from catalogue.linkcheck.fetching import Answer, NoAnswer, Web, Why
from catalogue.linkcheck.networks import NotAllowed, Target

# What our rules are looked up under in a robots.txt.
NAME = "Greyshelf"
REDIRECTS = 5
# Where the host does not even take part in such a conversation, no other address of it need be asked for.
HOPELESS = (Why.HOST, Why.CONNECTION, Why.CERTIFICATE)

Ask = Callable[[Target], Answer]


class Forbidden(Exception):
    """The host's robots.txt asks programs to keep away from this address."""


class Robots:
    """The rules of all hosts in one run. `ask` asks for an address when it is its host's turn."""

    def __init__(self, web: Web, ask: Ask, slow_down: Callable[[str, float], None]) -> None:
        self.web = web
        self._ask = ask
        self._slow_down = slow_down
        self._lock = Lock()
        self._locks: dict[str, Lock] = {}
        self._rules: dict[str, Protego | NoAnswer] = {}

    def check(self, target: Target) -> None:
        """Raise Forbidden where programs are to keep away; NoAnswer where the host is gone or its rules fail."""
        with self._lock:
            own = self._locks.setdefault(target.origin, Lock())
        with own:
            if target.origin not in self._rules:
                self._rules[target.origin] = self._read(target)
        rules = self._rules[target.origin]
        if isinstance(rules, NoAnswer):
            raise NoAnswer(rules.why, str(rules))
        if not rules.can_fetch(target.url, NAME):
            raise Forbidden

    def _read(self, target: Target) -> Protego | NoAnswer:
        try:
            rules = Protego.parse(self._text(networks.read(f"{target.origin}/robots.txt", self.web.allowed)))
        except NoAnswer as problem:
            return problem
        delay = rules.crawl_delay(NAME)
        if delay:
            self._slow_down(target.host, float(delay))
        return rules

    def _text(self, target: Target) -> str:
        """Return the text of a robots.txt, "" where there is none (RFC 9309). Raises NoAnswer."""
        try:
            for _redirect in range(REDIRECTS):
                answer = self._ask(target)
                if not answer.is_redirect:
                    break
                target = networks.follow(target, answer.location, self.web.allowed)
        except (NotAllowed, NoAnswer) as problem:
            if isinstance(problem, NoAnswer) and problem.why in HOPELESS:
                raise
            return ""
        if answer.status >= 500:
            sentence = _("The robots.txt of “%(host)s” fails (%(code)d); nothing is asked of it meanwhile.")
            raise NoAnswer(Why.ROBOTS, sentence % {"host": target.host, "code": answer.status})
        return answer.body.decode("utf-8", "replace") if answer.is_good else ""
