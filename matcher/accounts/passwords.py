"""Passwords: what is asked of them, and their Argon2id hashes."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from matcher.errors import BadInput

LEAST_SIGNS = 10
#: More would only cost time to hash.
MOST_SIGNS = 200
LEAST_CLASSES = 3
#: A shorter name stands in many a password by chance.
_LEAST_NAME = 4
#: 19 MiB, two rounds, one lane: the least that OWASP's password storage cheat sheet recommends for Argon2id; a login
#: takes some 20 ms and an office PC bears fifty at once.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
#: What is compared where there is no such account, so that the answer takes the same time.
_NOBODY = _HASHER.hash("nobody")


def checked(password: str, name: str) -> str:
    """A password, once it is good enough.

    Parameters
    ----------
    password : str
    name : str
        Of the account, which must not be in it.

    Raises
    ------
    BadInput
        ``password_short``, ``password_long``, ``password_classes`` or ``password_name``.
    """
    if len(password) < LEAST_SIGNS:
        raise BadInput("password_short", allowed=LEAST_SIGNS)
    if len(password) > MOST_SIGNS:
        raise BadInput("password_long", allowed=MOST_SIGNS)
    if len({_class(sign) for sign in password}) < LEAST_CLASSES:
        raise BadInput("password_classes", allowed=LEAST_CLASSES)
    if len(name) >= _LEAST_NAME and name.casefold() in password.casefold():
        raise BadInput("password_name")
    return password


def hashed(password: str, name: str) -> str:
    """The hash of a password that is good enough.

    Raises
    ------
    BadInput
        As `checked`.
    """
    return _HASHER.hash(checked(password, name))


def matches(password: str, known: str | None) -> bool:
    """Whether a password is the one of a hash; without a hash it is not, after the same time."""
    try:
        _HASHER.verify(known or _NOBODY, password[: MOST_SIGNS + 1])
    except (VerificationError, InvalidHashError):
        return False
    return known is not None


def _class(sign: str) -> str:
    """Small letter, capital, digit, or any other sign: Chinese characters are of the last class."""
    if sign.islower():
        return "small"
    if sign.isupper():
        return "capital"
    return "digit" if sign in "0123456789" else "other"
