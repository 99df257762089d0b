"""Secrets and ids. Of a secret only its hash is stored."""

import hashlib
import secrets


def new_id() -> str:
    return secrets.token_hex(8)


def new_secret() -> str:
    """Begins with a letter or a digit: a command line would take a code that begins with "-" for an option."""
    while not (secret := secrets.token_urlsafe(32))[0].isalnum():
        pass
    return secret


def digest(secret: str) -> str:
    """A secret of nearly 256 random bits needs no salt and no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()
