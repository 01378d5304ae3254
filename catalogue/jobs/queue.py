"""The queue of jobs: tables of the catalogue's own database, kept by procrastinate."""

from procrastinate.contrib.django import app

__all__ = ["ANYWHERE", "app"]

# The queue of jobs that any machine can do; those that need an uploaded file have one for its folder (uploads.place).
ANYWHERE = "catalogue"
