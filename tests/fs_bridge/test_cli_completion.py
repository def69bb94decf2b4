"""Completion in the shells themselves."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMPLETIONS = """
source <(cygnet completion bash)
COMP_WORDS=({words})
COMP_CWORD={place}
_cygnet_completion cygnet
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.fixture
def path():
    """Where the shells find the command."""
    return f"{Path(sys.executable).parent}:{os.environ['PATH']}"


@pytest.fixture
def complete(cygnet, path):
    """What bash offers for the last of these words."""

    def offered(*words):
        quoted = " ".join(f"'{word}'" for word in words)
        # The last word is what is being typed.
        script = COMPLETIONS.format(words=quoted, place=len(words) - 1)
        done = subprocess.run(
            ["bash", "-c", script],
            env=os.environ | {"PATH": path},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout.split()

    return offered


def test_commands_and_options(complete):
    assert {"versions", "share", "sync"} <= set(complete("cygnet", ""))
    assert complete("cygnet", "ver") == ["versions"]
    assert complete("cygnet", "get", "--rec") == ["--recursive"]
    assert complete("cygnet", "completion", "z") == ["zsh"]


def test_paths_of_the_service(complete, fs, folder):
    for name in ("alpha.root", "alphabet/x", "beta"):
        fs.pipe_file(f"{folder}/{name}", b"1")
    assert complete("cygnet", "ls", f"{folder}/al") == [f"{folder}/alpha.root", f"{folder}/alphabet/"]
    assert complete("cygnet", "rm", f"{folder}/b") == [f"{folder}/beta"]


def test_without_a_login_there_are_no_paths_and_no_noise(complete, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "nothing"))
    assert complete("cygnet", "ls", "/") == []


def test_the_tab_key_loads_no_command():
    script = (
        "import sys, click\n"
        "from cygnet_fs_bridge.cli import main\n"
        "names = [item.value for item in main.shell_complete(click.Context(main), '')]\n"
        "assert {'up', 'put'} <= set(names), names\n"
        "loaded = {'aiohttp', 'fsspec', 'jupyterhub', 'cygnet_hub.cli.up'} & set(sys.modules)\n"
        "assert not loaded, loaded\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


@pytest.mark.parametrize(
    "shell",
    [
        pytest.param("bash"),
        pytest.param("zsh", marks=pytest.mark.needs("zsh")),
        pytest.param("fish", marks=pytest.mark.needs("fish")),
    ],
)
def test_each_shell_understands_its_script(cygnet, shell):
    script = cygnet("completion", shell)
    assert "_CYGNET_COMPLETE" in script
    subprocess.run([shell, "-n", "/dev/stdin"], input=script, text=True, timeout=60, check=True)
