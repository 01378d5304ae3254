"""The library's records: the Django project and its data application."""

from catalogue.version import VERSION

__version__ = VERSION
