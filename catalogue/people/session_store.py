"""The sessions of browsers in the database: Django's, with a note of whose they are (settings.SESSION_ENGINE)."""

from datetime import datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

from catalogue.people.models import Session

# What the browser is called, in the data of a session.
BROWSER = "browser"


def this_hour() -> datetime:
    return timezone.now().replace(minute=0, second=0, microsecond=0)


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: Any) -> Session:
        made: Any = super().create_model_instance(data)
        account = data.get(SESSION_KEY)
        made.account_id = int(account) if account else None
        made.browser = data.get(BROWSER, "") if account else ""
        made.last_used = this_hour()
        return made

    def _get_session_from_db(self) -> Any:
        """Note once an hour that somebody who is signed in was there."""
        found = super()._get_session_from_db()  # type: ignore[misc] # not among its stubs
        if found and found.account_id and found.last_used < this_hour():
            Session.objects.filter(pk=found.pk).update(last_used=this_hour())
        return found
