"""The names of accounts, which are theirs in every room; kept in step with the accounts."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from chat.models import Name
from chat.protocol import likeness


def saved(instance: AbstractBaseUser, **_: Any) -> None:  # noqa: ANN401 - a signal's
    """Take an account's name, and give back the one that it had.

    Where an older account has a name like it, that one keeps it: guests can have neither.
    """
    name, person = instance.get_username(), f"account {instance.pk}"
    like = likeness.of(name)
    if Name.objects.filter(room="", likeness=like, person=person, name=name).exists():
        return  # signing in saves the account too
    Name.objects.filter(room="", person=person).delete()
    row = Name(likeness=like, name=name, person=person, seen_at=timezone.now())
    Name.objects.bulk_create([row], ignore_conflicts=True)


def has_its_name(account: AbstractBaseUser) -> bool:
    """Tell whether its name is an account's own, and not one like it another's."""
    return Name.objects.filter(room="", person=f"account {account.pk}").exists()


def deleted(instance: AbstractBaseUser, **_: Any) -> None:  # noqa: ANN401 - a signal's
    """Give back an account's name."""
    Name.objects.filter(room="", person=f"account {instance.pk}").delete()
