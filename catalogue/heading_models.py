"""The tables of the authority files: authors, keywords, countries, and their other forms."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalogue import codes, draft
from catalogue.expressions import Filing, FoldedField
from catalogue.folding import SOMETHING


class Heading(models.Model):
    """One entry of an authority file: a preferred form, under which records are listed, and notes."""

    heading = models.CharField(_("preferred form"), max_length=draft.HEADING_LIMIT)
    fold = FoldedField()
    notes = models.TextField(_("notes"), blank=True, default="", db_default="")

    class Meta:
        abstract = True
        ordering = ("fold",)
        # The lists from A to Z go on from one entry to the next by it.
        indexes = (models.Index(Filing("fold"), name="%(class)s_filing"),)

    def __str__(self) -> str:
        return self.heading


def heading_constraints(table: str) -> list[models.BaseConstraint]:
    return [
        models.UniqueConstraint(
            fields=["fold"],
            name=f"{table}_unique",
            violation_error_message=_("This heading is already there, perhaps with other capitals or accents."),
        ),
        models.CheckConstraint(condition=Q(heading__regex=SOMETHING), name=f"{table}_not_empty"),
    ]


class Variant(models.Model):
    """Another form of a heading, which leads to the preferred one (`authority`, in each subclass)."""

    authority: Any

    form = models.CharField(_("other form"), max_length=draft.HEADING_LIMIT)
    fold = FoldedField(source="form")

    class Meta:
        abstract = True
        ordering = ("fold",)
        indexes = (models.Index(Filing("fold"), name="%(class)s_filing"),)

    def __str__(self) -> str:
        return self.form


def variant_constraints(table: str) -> list[models.BaseConstraint]:
    return [
        models.UniqueConstraint(
            fields=["fold"],
            name=f"{table}_unique",
            violation_error_message=_("This form already leads to a heading."),
        ),
        models.CheckConstraint(condition=Q(form__regex=SOMETHING), name=f"{table}_not_empty"),
    ]


class Author(Heading):
    """A person ("Fletcher, Del Roy") or a body ("Ministry of Justice")."""

    kind = models.CharField(
        _("kind"),
        max_length=10,
        choices=list(codes.AUTHOR_KINDS.items()),
        default=codes.PERSON,
        db_default=codes.PERSON,
    )
    orcid = models.CharField(_("ORCID"), max_length=19, blank=True, default="", db_default="")

    class Meta(Heading.Meta):
        verbose_name = _("author")
        verbose_name_plural = _("authors")
        constraints = [
            *heading_constraints("author"),
            models.UniqueConstraint(
                fields=["orcid"],
                condition=~Q(orcid=""),
                name="author_orcid_unique",
                violation_error_message=_("Another author has this ORCID."),
            ),
            models.CheckConstraint(
                condition=Q(orcid="") | Q(orcid__regex=r"^\d{4}-\d{4}-\d{4}-\d{3}[\dX]$"), name="author_orcid_valid"
            ),
            models.CheckConstraint(condition=Q(kind__in=list(codes.AUTHOR_KINDS)), name="author_kind_known"),
        ]


class AuthorVariant(Variant):
    authority = models.ForeignKey(Author, models.CASCADE, related_name="variants", verbose_name=_("author"))

    class Meta(Variant.Meta):
        verbose_name = _("other form")
        verbose_name_plural = _("other forms")
        constraints = variant_constraints("authorvariant")


class Keyword(Heading):
    """A subject heading ("Peer Mentoring (U.K.)") of the thesaurus."""

    scope_note = models.TextField(_("scope note"), blank=True, default="", db_default="")
    broader: models.ManyToManyField = models.ManyToManyField(
        "self", symmetrical=False, related_name="narrower", blank=True, verbose_name=_("broader headings")
    )
    related: models.ManyToManyField = models.ManyToManyField(
        "self", symmetrical=True, blank=True, verbose_name=_("related headings")
    )

    class Meta(Heading.Meta):
        verbose_name = _("keyword")
        verbose_name_plural = _("keywords")
        constraints = heading_constraints("keyword")


class KeywordVariant(Variant):
    authority = models.ForeignKey(Keyword, models.CASCADE, related_name="variants", verbose_name=_("keyword"))

    class Meta(Variant.Meta):
        verbose_name = _("other form")
        verbose_name_plural = _("other forms")
        constraints = variant_constraints("keywordvariant")


class Country(Heading):
    """A country, or what stands in its place ("International", "Europe"); places can be parts of greater ones."""

    code = models.CharField(_("ISO 3166 code"), max_length=2, blank=True, default="", db_default="")
    part_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="parts", verbose_name=_("part of")
    )

    class Meta(Heading.Meta):
        verbose_name = _("country")
        verbose_name_plural = _("countries")
        constraints = [
            *heading_constraints("country"),
            models.UniqueConstraint(
                fields=["code"],
                condition=~Q(code=""),
                name="country_code_unique",
                violation_error_message=_("Another country has this code."),
            ),
            models.CheckConstraint(condition=Q(code="") | Q(code__regex="^[A-Z]{2}$"), name="country_code_valid"),
        ]


class CountryVariant(Variant):
    authority = models.ForeignKey(Country, models.CASCADE, related_name="variants", verbose_name=_("country"))

    class Meta(Variant.Meta):
        verbose_name = _("other form")
        verbose_name_plural = _("other forms")
        constraints = variant_constraints("countryvariant")
