"""The two pages of one record at the desk: its form and its history. Saving goes through catalogue.changes."""

import hashlib
import json
from dataclasses import dataclass, field

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from catalogue import changes, codes, headings, records
from catalogue.admin import history as histories
from catalogue.admin.record_form import LANGUAGES, SCHEMES, RecordForms, make_forms
from catalogue.draft import Draft
from catalogue.folding import fold_heading
from catalogue.models import Author, AuthorVariant, Change, Country, CountryVariant, Keyword, KeywordVariant, Record


@dataclass(frozen=True)
class Kept:
    """A record as the database holds it. `version` is carried by the form and shows whether it changed meanwhile."""

    number: int | None = None
    draft: Draft = field(default_factory=Draft)
    version: str = ""


@dataclass(frozen=True)
class Conflict:
    """Why a form was not saved: what somebody else did since it was opened."""

    sentence: str
    differences: tuple[histories.Difference, ...] = ()


def read(number: int) -> Kept | None:
    """Return a record with its version: when it was modified and a digest, for headings are renamed elsewhere."""
    row = Record.objects.filter(pk=number).values_list("modified", flat=True).first()
    draft = records.read_drafts([number]).get(number)
    if row is None or draft is None:
        return None
    digest = hashlib.sha256(json.dumps(draft.to_dict(), sort_keys=True).encode()).hexdigest()[:16]
    return Kept(number, draft, f"{row.isoformat()} {digest}")


def edit(desk: ModelAdmin, request: HttpRequest, object_id: str | None) -> HttpResponse:
    """Show the form of a new record or of one that is there, and save what is sent."""
    record = desk.get_object(request, object_id) if object_id else None
    _check_rights(desk, request, record, is_new=object_id is None)
    if object_id and record is None and request.method != "POST":
        return _not_there(request, object_id)
    kept = (read(record.pk) if record else None) or Kept(_number(object_id))
    if request.method != "POST":
        forms = make_forms(kept.draft, kept.version, kept.number)
        return _form_page(desk, request, kept, forms)
    forms = make_forms(kept.draft, kept.version, kept.number, request.POST)
    if not forms.is_valid():
        return _form_page(desk, request, kept, forms)
    try:
        saved = save(request, kept.number, forms)
    except IntegrityError:
        forms.main.add_error(None, _("Something else was saved at the same moment. Please save once more."))
        return _form_page(desk, request, kept, forms)
    if isinstance(saved, Conflict):
        return _form_page(desk, request, kept, _renewed(request, kept), saved)
    return HttpResponseRedirect(_next_page(request, saved))


def _check_rights(desk: ModelAdmin, request: HttpRequest, record: Record | None, is_new: bool) -> None:
    if is_new:
        allowed = desk.has_add_permission(request)
    elif request.method == "POST":
        allowed = desk.has_change_permission(request, record)
    else:
        allowed = desk.has_view_or_change_permission(request, record)
    if not allowed:
        raise PermissionDenied


def _not_there(request: HttpRequest, object_id: str) -> HttpResponse:
    messages.warning(request, _("There is no record “%(number)s”.") % {"number": object_id[:20]})
    return HttpResponseRedirect(reverse("admin:catalogue_record_changelist"))


def _number(object_id: str | None) -> int | None:
    """Return the number of a record that was deleted while its form was open."""
    return int(object_id) if object_id and object_id.isascii() and object_id.isdigit() else None


def save(request: HttpRequest, number: int | None, forms: RecordForms) -> int | Conflict:
    """Save a valid form in one transaction and tell what came of it; return the record's number, or why not."""
    draft = forms.draft
    with transaction.atomic():
        if number is not None:
            records.lock([number])
            conflict = _conflict(number, forms)
            if conflict:
                return conflict
        new = _new_headings(draft)
        change_set = changes.open_change_set(codes.EDIT, request.user, forms.main.cleaned_data["reason"])
        outcome = changes.apply(change_set, [changes.Wish(draft, number)])
        if outcome.unchanged:
            change_set.delete()
    _tell(request, outcome, draft.title, new)
    return outcome.numbers[0]


def _conflict(number: int, forms: RecordForms) -> Conflict | None:
    now = read(number)
    if now is None:
        return Conflict(_("This record was deleted while you had it open. What you typed is still here."))
    if now.version == forms.main.cleaned_data["modified"]:
        return None
    different = tuple(histories.differences(now.draft.to_dict(), forms.draft.to_dict()))
    last = histories.last_change(number)
    sentence = _("This record was changed while you had it open.")
    if last:
        when = formats.date_format(timezone.localtime(last.change_set.made), "DATETIME_FORMAT")
        sentence = _("%(who)s changed this record on %(when)s, while you had it open.") % {
            "who": histories.who(last),
            "when": when,
        }
    return Conflict(sentence, different)


def _renewed(request: HttpRequest, kept: Kept) -> RecordForms:
    """Return what was typed with the version of now: who saves again has seen what the other one did."""
    data = request.POST.copy()
    now = read(kept.number) if kept.number else None
    data["modified"] = now.version if now else ""
    return make_forms(kept.draft, kept.version, kept.number, data)


def _new_headings(draft: Draft) -> list[str]:
    """Return a sentence for each heading that saving the Draft will make."""
    names = [name.heading for name in draft.authors if not name.orcid or not _has_orcid(name.orcid)]
    wanted = (
        (_("New author: %(heading)s"), Author, AuthorVariant, names),
        (_("New keyword: %(heading)s"), Keyword, KeywordVariant, draft.keywords),
        (_("New country: %(heading)s"), Country, CountryVariant, [draft.country] if draft.country else []),
    )
    sentences = []
    for sentence, model, variants, texts in wanted:
        known = headings.find(model, variants, map(fold_heading, texts)) if texts else {}
        sentences += [sentence % {"heading": text} for text in texts if fold_heading(text) not in known]
    return sentences


def _has_orcid(orcid: str) -> bool:
    return Author.objects.filter(orcid=orcid).exists()


def _tell(request: HttpRequest, outcome: changes.Outcome, title: str, new: list[str]) -> None:
    if outcome.unchanged:
        messages.info(request, _("Nothing was changed in “%(title)s”.") % {"title": title})
        return
    values = {"title": title, "number": outcome.numbers[0]}
    messages.success(request, _("Record %(number)d, “%(title)s”, was saved.") % values)
    for sentence in new:
        messages.info(request, sentence)


def _next_page(request: HttpRequest, number: int) -> str:
    if "_addanother" in request.POST:
        return reverse("admin:catalogue_record_add")
    if "_continue" in request.POST:
        return reverse("admin:catalogue_record_change", args=[number])
    return reverse("admin:catalogue_record_changelist")


def _form_page(
    desk: ModelAdmin, request: HttpRequest, kept: Kept, forms: RecordForms, conflict: Conflict | None = None
) -> HttpResponse:
    may_save = desk.has_change_permission(request) if kept.number else desk.has_add_permission(request)
    page = {
        **desk.admin_site.each_context(request),
        "title": kept.draft.title or (_("Record %(number)d") % {"number": kept.number} if kept.number else ""),
        "opts": desk.opts,
        "number": kept.number,
        "kept": kept,
        "forms": forms,
        "form": forms.main,
        "conflict": conflict,
        "has_errors": any(part.is_bound and not part.is_valid() for part in forms.parts),
        "may_save": may_save,
        "may_delete": bool(kept.version) and desk.has_delete_permission(request),
        "languages": LANGUAGES,
        "schemes": SCHEMES,
        "is_public": kept.draft.status == codes.PUBLISHED,
    }
    return TemplateResponse(request, "desk/record.html", page, status=409 if conflict else 200)


def history(desk: ModelAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    """Show what happened to a record, newest first. It outlives the record."""
    if not desk.has_view_permission(request):
        raise PermissionDenied
    number = _number(object_id)
    if number is None or number >= 2**63:
        return _not_there(request, object_id)
    changed = Change.objects.filter(record_number=number).select_related("change_set").order_by("-pk")
    record = Record.objects.filter(pk=number).first()
    page = histories.page_of(changed, request)
    if record is None and not page.object_list:
        return _not_there(request, object_id)
    context = {
        **desk.admin_site.each_context(request),
        "title": _("History of record %(number)d") % {"number": number},
        "opts": desk.opts,
        "record": record,
        "number": number,
        "page": page,
        "steps": histories.steps(page.object_list),
    }
    return TemplateResponse(request, "desk/history.html", context)
