"""What the boxes of the form carry besides their text: where completion is asked for, and a link to the list."""

from django.forms import Form
from django.urls import reverse
from django.utils.translation import gettext as _

from search import browse
from search.completion import COMPLETED


def add_aids(form: Form) -> None:
    """Give each box of a form that has them its list (for the template) and its completion (for the script)."""
    for name, box in form.fields.items():
        box.list_url = browse.list_url(name)  # type: ignore[attr-defined]
        if name in COMPLETED:
            box.widget.attrs |= {
                "data-complete": reverse("complete", args=[name]),
                "data-some": _("suggestions: %(number)s. Use the arrow keys.") % {"number": "#"},
                "data-list": _("suggestions"),
                "data-none": _("no suggestions"),
            }
