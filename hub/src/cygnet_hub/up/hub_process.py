"""The hub as a child process."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import resources
from pathlib import Path

from cygnet_hub.config.deployment import DEPLOYMENT_VARIABLE, RUN_VARIABLE, Deployment
from cygnet_hub.up import processes, signals

_LARGEST_LOG = 10 * 2**20


def start_hub(deployment: Deployment) -> subprocess.Popen[bytes]:
    """Start the hub in a process group of its own, ended by the kernel should the supervisor be killed."""
    log = deployment.layout.logs / "hub.log"
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", "--config", str(_config_file())],
            cwd=deployment.layout.hub,
            env=_environment(deployment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            process_group=0,
            preexec_fn=_between_fork_and_exec,
        )


def _between_fork_and_exec() -> None:
    signals.release()
    processes.end_with_parent()


def _config_file() -> Path:
    return Path(str(resources.files("cygnet_hub.config") / "jupyterhub_config.py"))


def _environment(deployment: Deployment) -> dict[str, str]:
    """Return the environment of the hub: ours, without what another JupyterHub may have put there."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JUPYTERHUB_", "CONFIGPROXY_"))
    }
    folder = str(Path(sys.executable).parent)
    return inherited | {
        "PATH": os.pathsep.join(
            dict.fromkeys([folder, *inherited.get("PATH", os.defpath).split(os.pathsep)])
        ),
        DEPLOYMENT_VARIABLE: str(deployment.layout.deployment),
        RUN_VARIABLE: deployment.run_id,
        "PYTHONUNBUFFERED": "1",
    }


def turn_logs(logs: Path) -> None:
    """Put away logs that have grown large, one generation of each."""
    for log in logs.glob("*.log"):
        if log.stat().st_size > _LARGEST_LOG:
            log.rename(log.with_suffix(".log.1"))


def last_complaint(log: Path) -> str:
    """Return the last line of `log` that tells of an error, or an empty string."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-200:]
    bad = [line for line in lines if "CRITICAL" in line or "Error" in line or line.startswith("[E ")]
    return bad[-1].strip() if bad else ""
