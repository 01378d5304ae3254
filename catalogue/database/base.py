"""Django's PostgreSQL backend, which also starts the embedded server and refuses a server that is too old."""

from typing import Any

import psycopg
from django.db.backends.postgresql import base, features

from catalogue.database.embedded import EmbeddedServer

# The databases that this process has reached without their pool.
_reached: set[str] = set()


class DatabaseFeatures(features.DatabaseFeatures):
    minimum_database_version = (15,)


class DatabaseWrapper(base.DatabaseWrapper):
    features_class = DatabaseFeatures

    @property
    def embedded(self) -> EmbeddedServer | None:
        return self.settings_dict.get("EMBEDDED")

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Return a connection, from the pool; a pool alone would wait for a server that nobody starts again."""
        if self.embedded:
            self.embedded.ensure_running()
        elif self.alias not in _reached:
            # A pool tells only that it waited in vain; the first connection, without it, tells why.
            with self.wrap_database_errors:
                psycopg.connect(**conn_params).close()
            _reached.add(self.alias)
        return super().get_new_connection(conn_params)

    def get_connection_params(self) -> dict[str, Any]:
        """Return what psycopg connects with; for the embedded server, once it runs."""
        if self.embedded:
            self.settings_dict["PASSWORD"] = self.embedded.ensure_running()
        return super().get_connection_params()
