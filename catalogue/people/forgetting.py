"""What is kept of people for a while and then goes: ended sessions, failed attempts, old links. A job calls it."""

from catalogue.people import links, throttle
from catalogue.people.session_store import SessionStore


def forget_old() -> None:
    SessionStore.clear_expired()
    throttle.forget_old()
    links.forget_old()
