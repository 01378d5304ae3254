#!/usr/bin/env python
"""Runs the catalogue's commands: `python manage.py help` lists them."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "catalogue.settings")
    from catalogue.commandline import run

    sys.exit(run(sys.argv))


if __name__ == "__main__":
    main()
