"""Accounts: made by an administrator, with a password that the hub keeps as a hash."""

from __future__ import annotations

from typing import Any

from cygnet_hub.config.deployment import Deployment

# Ten guesses a minute and account: a person who mistypes waits little, a guesser for ever.
FAILED_LOGINS = 10
WAIT_SECONDS = 60


def update_authenticator(c: Any, deployment: Deployment) -> None:
    """Let in those who have an account and know its password; nobody can make an account alone."""
    c.JupyterHub.authenticator_class = "cygnet_hub.accounts.authenticator.CygnetAuthenticator"
    c.CygnetAuthenticator.enable_signup = False
    c.CygnetAuthenticator.open_signup = False
    c.CygnetAuthenticator.allow_2fa = False
    # An account is the permission; a second list of names would only disagree with the first.
    c.CygnetAuthenticator.allow_all = True
    c.CygnetAuthenticator.minimum_password_length = deployment.settings.minimum_password_length
    c.CygnetAuthenticator.check_common_password = True
    c.CygnetAuthenticator.allowed_failed_logins = FAILED_LOGINS
    c.CygnetAuthenticator.seconds_before_next_try = WAIT_SECONDS
