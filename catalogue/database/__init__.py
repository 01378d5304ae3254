"""Where the records are kept: the PostgreSQL server of DATABASE_URL or, where that is unset, an embedded one.

`catalogue.database` is also a Django database backend (its `base` module), so that whoever needs a connection first,
a web worker or a command, brings the embedded server up.
"""

from pathlib import Path
from typing import Any

import psycopg
from django.core.exceptions import ImproperlyConfigured

from catalogue.database.embedded import ROLE, EmbeddedServer

# The parts of a DATABASE_URL that Django names itself; the others (sslmode ...) go to libpq as they are.
_DJANGO_NAMES = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


def connection_settings(url: str, var_dir: Path) -> dict[str, Any]:
    """Return the part of Django's DATABASES that says where the database is.

    `url` is a libpq address, `postgres://user:password@host:port/name?sslmode=require`, or "" for the embedded server.
    Raises ImproperlyConfigured where it is anything else.
    """
    if not url:
        server = EmbeddedServer(var_dir / "postgres")
        return {"NAME": ROLE, "USER": ROLE, "HOST": str(server.socket_dir), "EMBEDDED": server, "OPTIONS": {}}
    if url.partition("://")[0].lower() not in ("postgres", "postgresql"):
        raise ImproperlyConfigured("DATABASE_URL must begin with “postgres://”; the database is PostgreSQL everywhere.")
    try:
        parts = psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read: {str(error).strip()}") from None
    if not parts.get("dbname"):
        raise ImproperlyConfigured("DATABASE_URL names no database: postgres://user:password@host:port/name")
    named = {_DJANGO_NAMES[key]: str(value) for key, value in parts.items() if key in _DJANGO_NAMES}
    return {**named, "OPTIONS": {key: value for key, value in parts.items() if key not in _DJANGO_NAMES}}
