"""The page on which people change their password."""

from __future__ import annotations

import asyncio
from typing import Any

from jupyterhub.handlers import BaseHandler
from tornado import web

from cygnet_fs_bridge.texts import Text
from cygnet_hub.accounts.passwords import hash_password, is_password


class ChangePasswordHandler(BaseHandler):
    """`/hub/change-password`: the old password, and the new one twice."""

    @web.authenticated
    async def get(self) -> None:
        """Show the form."""
        await self._show()

    @web.authenticated
    async def post(self) -> None:
        """Change the password, or say why not."""
        account = self.authenticator.get_user(self.current_user.name)
        old, new, again = (self.get_body_argument(name, "", strip=False) for name in ("old", "new", "again"))
        problem = await self._problem(account, old, new, again)
        if problem is None:
            account.password = await asyncio.to_thread(hash_password, new)
            self.db.commit()
        else:
            self.set_status(400)
        await self._show(problem=problem, changed=problem is None)

    async def _problem(self, account: Any, old: str, new: str, again: str) -> str | None:
        name = self.current_user.name
        if self.authenticator.is_blocked(name):
            return Text("Too many wrong passwords. Wait a minute and try again.")
        if account is None or not await asyncio.to_thread(is_password, old, account.password):
            self.authenticator.add_login_attempt(name)
            return Text("The old password is not right.")
        if new != again:
            return Text("The two new passwords are not the same.")
        complaint: str | None = self.authenticator.password_complaint(new)
        return complaint

    async def _show(self, problem: str | None = None, changed: bool = False) -> None:
        html = await self.render_template(
            "change-password.html",
            problem=problem,
            changed=changed,
            minimum=self.authenticator.minimum_password_length,
        )
        self.finish(html)
