"""What is kept of people for a while and then goes: ended sessions, failed attempts, old links, what was typed and not
saved. A job calls it.
"""

from catalogue import unsaved
from catalogue.people import links, throttle
from catalogue.people.session_store import SessionStore


def forget_old() -> None:
    SessionStore.clear_expired()
    throttle.forget_old()
    links.forget_old()
    unsaved.forget_old()
