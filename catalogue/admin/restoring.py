"""A version of a record restored: what that would do is shown first, then it is done as a change set of its own.

What stands against the old version today (a heading that is another by now, a shelf number that another record has)
is named in sentences, and left as it is today.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue import changes, codes, records, successors
from catalogue.admin import conflicts, history, versions
from catalogue.admin.conflicts import Kept
from catalogue.admin.versions import Version
from catalogue.draft import Draft, clean, validate
from catalogue.headings import Authorities
from catalogue.models import ChangeSet, Record
from catalogue.people import rights


class NotPossible(Exception):
    """The version cannot be restored. The message says why, and what to do; nothing was changed."""


class RestoreForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"), help_text=gettext_lazy("For the history."), required=False, max_length=500
    )
    version = forms.CharField(widget=forms.HiddenInput)


@dataclass(frozen=True)
class Plan:
    """The Draft that a record would have, and in sentences where that is not what the version says."""

    draft: Draft
    sentences: tuple[str, ...]


def plan(version: Version, kept: Kept) -> Plan:
    """Say what restoring a version would do to a record as it is now. Raises NotPossible."""
    try:
        old = clean(version.draft)
    except ValueError as error:
        raise NotPossible(_("This version cannot be read by this release (%(error)s).") % {"error": error}) from error
    authorities = Authorities()
    authorities.look_up([old])
    led = authorities.led(old)
    sentences = [*_led_elsewhere(authorities, old, led), *_made_again(authorities, old)]
    draft = led
    for check in (_with_free_shelf_number, _with_successor):
        draft, told = check(draft, kept)
        sentences += told
    if problems := validate(draft):
        raise NotPossible(problems[0].reason)
    return Plan(draft, tuple(sentences))


def _led_elsewhere(authorities: Authorities, old: Draft, led: Draft) -> Iterator[str]:
    """Yield a sentence for each heading that was renamed or merged since."""
    pairs: list[tuple[str, str]] = [(old.country, led.country)]
    keywords, authors = authorities.keywords, authorities.authors
    pairs += [(text, keywords.headings[keywords.numbers[text]]) for text in old.keywords if text in keywords.numbers]
    for name in old.authors:
        if (number := authors.number(name)) is not None:
            pairs.append((name.heading, authors.headings[number].heading))
    for then, today in pairs:
        if then != today:
            yield _("The heading “%(then)s” is “%(today)s” today.") % {"then": then, "today": today}


def _made_again(authorities: Authorities, draft: Draft) -> Iterator[str]:
    """Yield a sentence for each heading that leads nowhere any more."""
    gone = [name.heading for name in draft.authors if authorities.authors.number(name) is None]
    gone += [text for text in draft.keywords if authorities.keywords.numbers.get(text) is None]
    if draft.country and authorities.countries.numbers.get(draft.country) is None:
        gone.append(draft.country)
    for heading in gone:
        yield _("There is no heading “%(heading)s” any more; it is made again.") % {"heading": heading}


def _with_free_shelf_number(draft: Draft, kept: Kept) -> tuple[Draft, list[str]]:
    now = kept.draft.shelf_number
    if not draft.shelf_number or draft.shelf_number == now:
        return draft, []
    others = (
        Record.objects.exclude(shelf_number="").filter(shelf_number=draft.shelf_number).exclude(pk=kept.number or 0)
    )
    other = others.order_by("pk").first()
    if other is None:
        return draft, []
    sentence = _("The shelf number %(shelf)s belongs to record %(number)d, “%(title)s”, today. %(left)s")
    left = _("This record keeps %(now)s.") % {"now": now} if now else _("This record stays without one.")
    values = {"shelf": draft.shelf_number, "number": other.pk, "title": other.title, "left": left}
    return replace(draft, shelf_number=now), [sentence % values]


def _with_successor(draft: Draft, kept: Kept) -> tuple[Draft, list[str]]:
    """Leave out a record to which this one led and that is no longer there."""
    if draft.replaced_by is None or Record.objects.filter(pk=draft.replaced_by).exists():
        return draft, []
    return successors.without(draft), [successors.sentence(draft)]


def restore(desk: ModelAdmin, request: HttpRequest, number: int, key: str) -> HttpResponse:
    """Say what restoring a version would do, and do it."""
    version = versions.asked(desk, request, number, key)
    if not desk.has_change_permission(request):
        raise PermissionDenied
    kept = conflicts.read(number)
    if kept is None or key == versions.NOW:
        raise Http404
    form = RestoreForm(request.POST if request.method == "POST" else None, initial={"version": kept.version})
    problem, planned = "", None
    try:
        planned = plan(version, kept)
        _check_status(request.user, kept, planned)
        if request.method == "POST" and form.is_valid():
            return _done(request, version, kept, form.cleaned_data)
    except (NotPossible, changes.Busy, IntegrityError) as error:
        problem = _sentence(error)
        kept = conflicts.read(number) or kept
        form = RestoreForm(initial={"version": kept.version, "reason": request.POST.get("reason", "")})
    context = {
        **desk.admin_site.each_context(request),
        "title": _("Restore a version of record %(number)d") % {"number": number},
        "opts": desk.opts,
        "number": number,
        "version": version,
        "plan": planned,
        "differences": _differences(kept.draft, planned.draft) if planned else [],
        "form": form,
        "problem": problem,
    }
    return TemplateResponse(request, "desk/restore.html", context, status=409 if problem else 200)


def _check_status(user: Any, kept: Kept, planned: Plan) -> None:
    """Raise NotPossible where somebody may not give the record the status that it had."""
    if not rights.may_give_status(user, kept.draft.status, planned.draft.status):
        raise NotPossible(_("This would publish or withdraw the record, which you may not do. Ask an editor."))


def _differences(now: Draft, then: Draft) -> list[history.Difference]:
    return list(history.differences(now.to_dict(), then.to_dict()))


def _sentence(error: Exception) -> str:
    if isinstance(error, NotPossible):
        return str(error)
    return _("Somebody else is writing this record or one of its headings. Nothing was changed. Try again in a minute.")


def _done(request: HttpRequest, version: Version, kept: Kept, sent: dict[str, Any]) -> HttpResponse:
    number = kept.number or 0
    change_set = _write(request.user, version, number, sent)
    if change_set is None:
        messages.info(request, _("Nothing was changed: the record is as it was then."))
    else:
        messages.success(request, _("The version of %(when)s is restored.") % {"when": version.label})
    return HttpResponseRedirect(reverse("admin:catalogue_record_history", args=[number]))


def _write(user: Any, version: Version, number: int, sent: dict[str, Any]) -> ChangeSet | None:
    """Restore the version, in one step. Raises NotPossible and changes.Busy."""
    with transaction.atomic(), changes.without_waiting():
        records.lock([number])
        kept = conflicts.read(number)
        if kept is None or kept.version != sent["version"]:
            raise NotPossible(_("The record was changed meanwhile. Look once more at what restoring would do."))
        planned = plan(version, kept)
        _check_status(user, kept, planned)
        reason = ". ".join(filter(None, [_("Version of %(when)s restored") % {"when": version.label}, sent["reason"]]))
        change_set = changes.open_change_set(codes.EDIT, user, reason)
        if changes.apply(change_set, [changes.Wish(planned.draft, number)]).updated:
            return change_set
        change_set.delete()
        return None
