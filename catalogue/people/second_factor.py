"""The second factor: an app that shows codes, kept by django-otp, and codes on paper for the day the app is lost."""

import base64
import hashlib
import re
import secrets
from typing import Any

import segno
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django_otp import verify_token
from django_otp.plugins.otp_totp.models import TOTPDevice

from catalogue.people.models import GroupDemand, RecoveryCode

CODES = 10
LONGEST = 100
# After so many wrong codes the wait, which doubles with each (django-otp), grows no longer: 2 ** 9 seconds.
MOST_COUNTED = 10
# In the data of a session: whoever signed in here has a second factor.
PASSED = "second_factor"


def app(account: User) -> TOTPDevice | None:
    """Return the app of an account, once it was set up."""
    return TOTPDevice.objects.filter(user=account, confirmed=True).first()


def begin(account: User) -> None:
    """Make a new secret, to be confirmed by a first code."""
    TOTPDevice.objects.filter(user=account, confirmed=False).delete()
    TOTPDevice.objects.create(user=account, name="app", confirmed=False)


def begun(account: User) -> TOTPDevice | None:
    return TOTPDevice.objects.filter(user=account, confirmed=False).first()


def confirm(account: User, text: str) -> list[str]:
    """Take an app into use with a code that it shows; return the recovery codes, or nothing if the code is wrong."""
    device = begun(account)
    if device is None or not _is_right(device, _plain(text)):
        return []
    with transaction.atomic():
        TOTPDevice.objects.filter(user=account).exclude(pk=device.pk).delete()
        TOTPDevice.objects.filter(pk=device.pk).update(confirmed=True)
        return make_codes(account)


def make_codes(account: User) -> list[str]:
    """Give an account new recovery codes in place of the old ones. They are shown once."""
    codes = [base64.b32encode(secrets.token_bytes(10)).decode().lower() for _number in range(CODES)]
    with transaction.atomic():
        account.recovery_codes.all().delete()
        RecoveryCode.objects.bulk_create(RecoveryCode(account=account, digest=_digest(code)) for code in codes)
    return ["-".join(code[place : place + 4] for place in range(0, len(code), 4)) for code in codes]


def check(account: User, text: str) -> bool:
    """Tell whether this is a code that the app shows now, or a recovery code; either counts once."""
    code = _plain(text)
    device = app(account)
    if device and _is_of_app(code):
        return _is_right(device, code)
    return RecoveryCode.objects.filter(account=account, digest=_digest(code)).delete()[0] == 1


def seconds_to_wait(account: User, text: str) -> int:
    """Return how long no code of the app is looked at, because of wrong ones before."""
    device = app(account) or begun(account)
    if device is None or not _is_of_app(_plain(text)):
        return 0
    may, why = device.verify_is_allowed()
    return 0 if may else max(1, int((why["locked_until"] - timezone.now()).total_seconds()) + 1)


def _is_right(device: TOTPDevice, code: str) -> bool:
    if not _is_of_app(code):
        return False
    if verify_token(device.user, device.persistent_id, code):
        return True
    slowed = TOTPDevice.objects.filter(pk=device.pk, throttling_failure_count__gt=MOST_COUNTED)
    slowed.update(throttling_failure_count=MOST_COUNTED)
    return False


def _plain(text: str) -> str:
    return re.sub(r"[\s-]", "", text[:LONGEST])


def _is_of_app(code: str) -> bool:
    return re.fullmatch("[0-9]{6}", code) is not None


def _digest(code: str) -> str:
    return hashlib.sha256(code.lower().encode()).hexdigest()


def remove(account: User) -> bool:
    """Forget the app and the recovery codes of an account; tell whether there was one."""
    account.recovery_codes.all().delete()
    return bool(TOTPDevice.objects.filter(user=account).delete()[0])


def is_demanded(account: User) -> bool:
    """Tell whether a group of the account demands a second factor."""
    return GroupDemand.objects.filter(second_factor=True, group__user=account).exists()


def is_missing(request: HttpRequest) -> bool:
    """Tell whether somebody must set up a second factor before going on."""
    account: Any = request.user
    return not request.session.get(PASSED) and is_demanded(account) and app(account) is None


def is_slowed(account: User) -> bool:
    """Tell whether so many wrong codes were tried that the wait is as long as it gets."""
    return TOTPDevice.objects.filter(user=account, throttling_failure_count__gte=MOST_COUNTED).exists()


def forgive(account: User) -> None:
    """Forget the wrong codes of an account."""
    TOTPDevice.objects.filter(user=account).update(throttling_failure_count=0, throttling_failure_timestamp=None)


def drawn(device: TOTPDevice) -> SafeString:
    """Return the QR code that an app reads, as SVG without style or script."""
    picture = segno.make(device.config_url, error="m").svg_inline(scale=5, border=4, dark="#000", light="#fff")
    return mark_safe(picture)  # noqa: S308 - segno's own drawing; nothing of the text stands in it


def secret(device: TOTPDevice) -> str:
    """Return the secret as one types it into an app that cannot see the picture."""
    text = base64.b32encode(device.bin_key).decode()
    return " ".join(text[place : place + 4] for place in range(0, len(text), 4))
