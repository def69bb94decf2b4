"""Progress bars on a real terminal, and only there; how a command ends that Ctrl-C interrupts."""

import os
import pty
import signal
import subprocess
import sys

import pytest

from tests.crash import eventually

from .meter import meter


@pytest.fixture
def command(cygnet):
    """The command line of a process that is logged in as ada."""
    return [sys.executable, "-m", "cygnet_fs_bridge.cli"]


def on_terminal(arguments):
    """What a command shows on a terminal of its own."""
    ours, theirs = pty.openpty()
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "120", "NO_COLOR": "1"}
    with subprocess.Popen(arguments, stderr=theirs, stdout=subprocess.DEVNULL, env=environment) as process:
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 1 << 16):
                shown += piece
        except OSError:
            pass  # the last one who had the terminal has gone
        assert process.wait(60) == 0, shown
    os.close(ours)
    return shown.decode()


def test_each_file_and_all_together_have_a_bar(command, folder, tmp_path):
    for name in ("first.root", "second.root"):
        (tmp_path / name).write_bytes(b"x" * (1 << 20))
    sources = [str(tmp_path / "first.root"), str(tmp_path / "second.root")]
    shown = on_terminal([*command, "put", *sources, folder])
    assert "2 files" in shown
    assert "2.1/2.1 MB" in shown
    shown = on_terminal([*command, "get", f"{folder}/first.root", str(tmp_path / "back.root")])
    assert "first.root" in shown
    assert "1.0/1.0 MB" in shown


def test_in_a_pipe_there_is_no_bar(command, folder, tmp_path):
    (tmp_path / "a").write_bytes(b"x" * (1 << 20))
    arguments = [*command, "put", str(tmp_path / "a"), folder]
    done = subprocess.run(arguments, capture_output=True, timeout=60, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")


def test_ctrl_c_ends_with_a_code_of_its_own(command, server, folder, tmp_path):
    (tmp_path / "a").write_bytes(b"x" * (32 << 20))
    with meter(server.url) as through:
        through.reset(hold_up=8 << 20)
        (tmp_path / "token").write_text(server.app_password("ada"))
        to = ["--url", through.url, "--token-file", str(tmp_path / "token")]
        process = subprocess.Popen(
            [*command, "put", str(tmp_path / "a"), folder, *to], stderr=subprocess.PIPE
        )
        assert through.reached.wait(60)
        process.send_signal(signal.SIGINT)
        assert eventually(lambda: process.poll() is not None, 60)
        assert process.communicate()[1] == b"Interrupted\n"
        assert process.returncode == 130
