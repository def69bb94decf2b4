"""Start a person's notebook server: `python -m cygnet_extensions.singleuser`.

The hub says by environment variables where it listens; this sets what is particular to Cygnet: the
files' tree is the root folder, what Jupyter keeps for itself stays off it, kernels are reached by sockets
in the file system, which other accounts of the machine cannot open, instead of TCP ports.
"""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from importlib import import_module
from typing import Any

from .nbgrader import CONFIG_FOLDER

# What a server has imported by the time its first page is shown.
_USED = (
    "jupyterlab.labhubapp", "jupyterlab.labapp", "jupyterlab.commands", "jupyterhub.singleuser.extension",
    "jupyter_core.migrate", "jupyter_server_terminals", "jupyter_server.view.handlers", "notebook.app",
    "notebook_shim.nbserver", "jupyter_lsp.serverextension", "jupyter_lsp.virtual_documents_shadow",
    "nbconvert.exporters", "jupyter_server.services.contents.filemanager",
    "jupyter_server.services.kernels.kernelmanager", "cygnet_extensions.serverextension.extension",
    "cygnet_extensions.checkpoints", "cygnet_extensions.saves", "cygnet_fs_bridge.cli",
    "cygnet_fs_bridge.cli.mount", "cygnet_fs_bridge.mount.run", "IPython", "httpcore", "jinja2.ext",
    "tornado.platform.asyncio",
    # Where the hub's software is the session's too, nbdime's extension is switched on.
    "nbdime.webapp.nb_server_extension",
)  # fmt: skip


def without_slow_imports() -> None:
    """Keep jsonschema from importing `rfc3987_syntax`, which compiles a grammar for a second.

    jsonschema does without it when it is missing; only its check of non-ASCII addresses is lost, which no
    schema of Jupyter's uses.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


def preload() -> None:
    """Import what a server needs, so that a process forked from this one has it already, and shares it."""
    from jupyter_server.serverapp import JUPYTER_SERVICE_HANDLERS

    handlers = [name for names in JUPYTER_SERVICE_HANDLERS.values() for name in names or ()]
    for name in (*_USED, *handlers):
        with suppress(ImportError):  # the server does without, or tells of it in its own log
            import_module(name)


def configuration(environment: dict[str, str]) -> dict[str, Any]:
    """Return the server's configuration.

    Args:
        environment: the process's variables, as the spawner set them.
    """
    from jupyterlab.commands import get_user_settings_dir, get_workspaces_dir

    contents: dict[str, Any] = {
        "delete_to_trash": False,  # the service has a bin of its own, on every device
        "always_delete_dir": True,
        "checkpoints_class": "cygnet_extensions.checkpoints.LocalCheckpoints",
    }
    config: dict[str, Any] = {
        "FileContentsManager": contents,
        "KernelManager": {"transport": "ipc"},
        # By default npm is run at each start, only to learn its prefix, which is that of the environment.
        "LanguageServerManager": {"node_roots": [".", f"{sys.prefix}/lib", sys.prefix]},
        "LabApp": {
            "check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
            "news_url": None,
            # JupyterLab decides at its import, which in a forked server was done where HOME is another.
            "user_settings_dir": get_user_settings_dir(),
            "workspaces_dir": get_workspaces_dir(),
        },
        "ServerApp": {
            "root_dir": environment.get("JUPYTERHUB_ROOT_DIR", ""),
            "contents_manager_class": "cygnet_extensions.saves.SyncedContents",
            # Not a login shell, as it would be by default: /etc/profile would take the environment off PATH.
            "terminado_settings": {"shell_command": [environment.get("SHELL", "/bin/bash")]},
        },
    }
    if environment.get("CYGNET_STORES"):
        mounted = "cygnet_extensions.mounted_stores"
        config["ServerApp"]["contents_manager_class"] = f"{mounted}.ContentsWithStores"
        config["ServerApp"]["kernel_manager_class"] = f"{mounted}.KernelsWithStores"
    if environment.get("CYGNET_MOUNT") == "none":
        config["ServerApp"]["contents_manager_class"] = "cygnet_extensions.contents.FsspecContentsManager"
    return config


def use_exchange(environment: MutableMapping[str, str]) -> None:
    """Let nbgrader, where it is installed, use our exchange in this server and in all that it starts."""
    known = environment.get("JUPYTER_CONFIG_PATH")
    environment["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, (known, str(CONFIG_FOLDER))))


def main(arguments: list[str] | None = None) -> None:
    """Run the server until it is told to end."""
    without_slow_imports()
    use_exchange(os.environ)
    os.environ.setdefault("JUPYTERHUB_SINGLEUSER_APP", "jupyter_server.serverapp.ServerApp")
    from jupyterlab.labhubapp import SingleUserLabApp
    from traitlets.config import Config

    config = Config(configuration(dict(os.environ)))
    SingleUserLabApp.launch_instance(arguments if arguments is not None else sys.argv[1:], config=config)


if __name__ == "__main__":
    main()
