"""The fixed lists of a record: status, kind of document, kind of author, kind of change. Plain data, no models."""

from django.utils.translation import gettext_lazy as _

DRAFT, IN_REVIEW, PUBLISHED, WITHDRAWN = "draft", "review", "published", "withdrawn"
STATUSES = {DRAFT: _("Draft"), IN_REVIEW: _("In review"), PUBLISHED: _("Published"), WITHDRAWN: _("Withdrawn")}
# Those of which the public learns nothing.
UNPUBLISHED = (DRAFT, IN_REVIEW)
# Those that a new record of an import can be given.
NEW = {name: STATUSES[name] for name in (PUBLISHED, IN_REVIEW, DRAFT)}

PERSON, BODY = "person", "body"
AUTHOR_KINDS = {PERSON: _("Person"), BODY: _("Organisation")}

KINDS = {
    "report": _("Report"),
    "evaluation": _("Evaluation"),
    "working-paper": _("Working paper"),
    "policy": _("Policy document"),
    "thesis": _("Thesis"),
    "conference": _("Conference paper"),
    "article": _("Article"),
    "chapter": _("Chapter"),
    "book": _("Book"),
    "dataset": _("Data set"),
    "web": _("Web page"),
    "teaching": _("Teaching material"),
    "legal": _("Legal document"),
    "media": _("Audio, video or image"),
    "other": _("Other"),
}

EDIT, IMPORT, BATCH, MERGE, UNDO = "edit", "import", "batch", "merge", "undo"
CHANGE_KINDS = {
    EDIT: _("Edit"),
    IMPORT: _("Import"),
    BATCH: _("Batch edit"),
    MERGE: _("Merge"),
    UNDO: _("Undo"),
}

# Why a record is withdrawn whose creation was undone; whoever brings it again brings it back.
CREATION_UNDONE = _("Its creation was undone.")
