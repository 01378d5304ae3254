"""`manage.py unlock NAME`: let somebody sign in again at once who failed too often, or whose account is switched off,
where no administrator can.
"""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from catalogue.people import second_factor, throttle


class Command(BaseCommand):
    help = "Lift the lock that too many failed attempts to sign in have put on a user name, or switch an account on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the user name")
        parser.add_argument("--activate", action="store_true", help="switch the account on, where it is switched off")

    def handle(self, *args: Any, **options: Any) -> None:
        account = User.objects.filter(username=options["name"]).first()
        if account is None:
            raise CommandError(f"There is no account “{options['name']}”. User names are at /desk/auth/user/.")
        throttle.lift(account.username)
        second_factor.forgive(account)
        if options["activate"] and not account.is_active:
            account.is_active = True
            account.save(update_fields=["is_active"])
        if account.is_active:
            self.stdout.write(f"{account.username} can sign in again.")
        else:
            self.stdout.write(f"No lock is on {account.username}, but the account is switched off: add --activate.")
