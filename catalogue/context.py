"""What every page knows: the library's name and what it holds, and the version of the program."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from catalogue.version import VERSION


def library(request: HttpRequest) -> dict[str, Any]:
    return {
        "library_name": settings.LIBRARY_NAME,
        "library_description": settings.LIBRARY_DESCRIPTION,
        "version": VERSION,
    }
