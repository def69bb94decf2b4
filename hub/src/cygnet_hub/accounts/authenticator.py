"""The hub's authenticator: accounts of nativeauthenticator, checked off the event loop."""

from __future__ import annotations

import asyncio
from typing import Any

from nativeauthenticator import NativeAuthenticator

from cygnet_hub.accounts.handlers import ChangePasswordHandler
from cygnet_hub.accounts.passwords import complaint, hash_password, is_password, new_password


class CygnetAuthenticator(NativeAuthenticator):
    """Accounts that an administrator made.

    Of nativeauthenticator it keeps the accounts and the throttle. Its pages that change an account on a GET
    request (authorise, discard) and the sign-up page are left out.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Checked for names without an account, so that the time of an answer tells nothing.
        self._nobody = hash_password(new_password())

    async def authenticate(self, handler: Any, data: dict[str, str]) -> str | None:
        """Return the account name when the password is right, else None."""
        name = self.normalize_username(data.get("username", ""))
        account = self.get_user(name)
        if account is not None and self.is_blocked(name):
            self.log.warning("Login of %s refused: too many wrong passwords", name)
            return None
        hashed = account.password if account is not None else self._nobody
        right = await asyncio.to_thread(is_password, data.get("password", ""), hashed)
        if account is None:
            return None
        if right and account.is_authorized:
            self.successful_login(name)
            return str(name)
        self.add_login_attempt(name)
        return None

    def password_complaint(self, password: str) -> str | None:
        """Return what is wrong with `password` as a new password, or None."""
        return complaint(password, self.minimum_password_length)

    def get_handlers(self, app: Any) -> list[tuple[str, Any]]:
        """Return the one page of ours; login and logout are JupyterHub's."""
        return [(r"/change-password", ChangePasswordHandler)]
