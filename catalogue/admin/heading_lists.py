"""Headings that want a librarian's eye: those that look alike, those that nobody uses, and the thesaurus as a tree."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.authorities import near as alike
from catalogue.authorities import tree
from catalogue.authorities.files import FILES, AuthorityFile
from catalogue.row_numbers import row_number, row_numbers

GROUPS_ON_A_PAGE = 25
MOST_KEPT_APART = 100
ROOTS_ON_A_PAGE = 100


def _file(desk: ModelAdmin, request: HttpRequest) -> AuthorityFile:
    """Return the authority file, for those who may see it. Raises PermissionDenied."""
    if not desk.has_view_permission(request):
        raise PermissionDenied
    return FILES[str(desk.opts.model_name)]


def near(desk: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """List the headings that look like one another, each group with a way to merge it."""
    file = _file(desk, request)
    if request.method == "POST":
        return _keep_apart(desk, request, file)
    page = Paginator(alike.groups(file), GROUPS_ON_A_PAGE).get_page(request.GET.get("p"))
    numbers = {number for group in page.object_list for number in group.numbers}
    headings, counts = file.headings(numbers), file.record_counts(numbers)
    context = {
        **desk.admin_site.each_context(request),
        "title": _("Headings that look alike"),
        "opts": desk.opts,
        "may_merge": desk.has_change_permission(request),
        "page": page,
        "groups": [
            (group.reason, [(headings[n], counts.get(n, 0)) for n in group.numbers if n in headings])
            for group in page.object_list
        ],
    }
    return TemplateResponse(request, "desk/heading_near.html", context)


def _keep_apart(desk: ModelAdmin, request: HttpRequest, file: AuthorityFile) -> HttpResponse:
    """Note that the ticked headings only look alike. Raises PermissionDenied."""
    if not desk.has_change_permission(request):
        raise PermissionDenied
    known = file.headings(row_numbers(request.POST.getlist("heading"), MOST_KEPT_APART))
    if len(known) > 1:
        alike.keep_apart(file, known, request.user.get_username())
        names = ", ".join(f"“{heading}”" for heading in known.values())
        messages.success(request, _("Kept apart, and not listed here again: %(names)s.") % {"names": names})
    else:
        messages.warning(request, _("Tick two headings at least."))
    return HttpResponseRedirect(request.get_full_path())


def show_tree(desk: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Show the tops of the tree with what stands under them, or (`at`) one heading with what stands under it."""
    file = _file(desk, request)
    number = row_number(request.GET.get("at", ""))
    heading = file.headings([number]).get(number)
    if heading is None:
        roots: Any = tree.top(file).values_list("pk", "heading")
    else:
        roots = tree.under(file, heading)
    page = Paginator(roots, ROOTS_ON_A_PAGE).get_page(request.GET.get("p"))
    context = {
        **desk.admin_site.each_context(request),
        "title": heading.heading if heading else _("Tree of the %(names)s") % {"names": desk.opts.verbose_name_plural},
        "opts": desk.opts,
        "heading": heading,
        "path": tree.path(file, heading) if heading else [],
        "page": page,
        "nodes": tree.grow(file, page.object_list),
        "alone": 0 if heading else tree.alone(file).count(),
    }
    return TemplateResponse(request, "desk/heading_tree.html", context)


class UsedFilter(admin.SimpleListFilter):
    title = gettext_lazy("records")
    parameter_name = "used"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("none", _("used by none")), ("once", _("used by one")), ("more", _("used by more"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        file = FILES[queryset.model._meta.model_name]
        links = file.links.objects.filter(**{file.link_field: OuterRef("pk")})
        # A second link is looked for, not all of them counted.
        second = Exists(links.order_by("pk")[1:2])
        match self.value():
            case "none":
                return queryset.filter(~Exists(links))
            case "once":
                return queryset.filter(Exists(links), ~second)
            case "more":
                return queryset.filter(second)
        return queryset


class PlaceFilter(admin.SimpleListFilter):
    title = gettext_lazy("place in the tree")
    parameter_name = "place"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("top", _("at the top")), ("alone", _("in no tree"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        file = FILES[queryset.model._meta.model_name]
        match self.value():
            case "top":
                return queryset.filter(pk__in=tree.top(file).order_by().values("pk"))
            case "alone":
                return queryset.filter(pk__in=tree.alone(file).order_by().values("pk"))
        return queryset
