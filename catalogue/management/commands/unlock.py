"""`manage.py unlock NAME`: let somebody sign in again at once who failed too often, where no administrator can."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from catalogue.people import second_factor, throttle


class Command(BaseCommand):
    help = "Lift the lock that too many failed attempts to sign in have put on a user name."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the user name")

    def handle(self, *args: Any, **options: Any) -> None:
        account = User.objects.filter(username=options["name"]).first()
        if account is None:
            raise CommandError(f"There is no account “{options['name']}”. User names are at /desk/auth/user/.")
        throttle.lift(account.username)
        second_factor.forgive(account)
        self.stdout.write(f"{account.username} can sign in again.")
