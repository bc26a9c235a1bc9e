import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from doubles.leftovers import left
from sandbox.folder import Folder, remove_leftovers, temporary
from sandbox.owner import Owner


@pytest.fixture(autouse=True)
def _own_temporary_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def test_nobody_else_can_enter_it():
    folder = Folder()
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    folder.remove()


def test_everything_in_it_is_removed_and_nothing_it_points_to(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("kept")
    folder = Folder()
    (folder.workspace / "link").symlink_to(outside)
    deep = folder.workspace
    for _ in range(300):
        deep = deep / "deeper"
        deep.mkdir()
    (folder.workspace / "closed").mkdir(mode=0)
    os.mkfifo(folder.scratch / "pipe")
    folder.remove()
    folder.remove()
    assert [path.name for path in tmp_path.iterdir()] == ["outside"]
    assert (outside / "kept").read_text() == "kept"


def test_leftovers_of_dead_owners_are_removed_and_nothing_else(tmp_path):
    gone = replace(Owner.current(), start=1)
    living, dead = Folder(), tmp_path / f"patchwright-box-{gone.name}-x"
    strange = tmp_path / "patchwright-box-strange"
    elsewhere = tmp_path / f"patchwright-box-{replace(gone, host='elsewhere').name}-x"
    for folder in (dead, strange, elsewhere):
        folder.mkdir()  # killed before anything was put into it
    (tmp_path / f"patchwright-link-{gone.name}-x").symlink_to(strange)
    (tmp_path / f"patchwright-file-{gone.name}-x").write_text("")
    assert remove_leftovers() == 1
    assert not dead.exists()
    assert living.path.exists()
    assert strange.exists()
    assert elsewhere.exists()
    living.remove()


def test_a_folder_that_cannot_be_made_is_no_surprise(monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", "/no/such/folder")
    with pytest.raises(FileNotFoundError):
        Folder()
    assert not Path("/no/such/folder").exists()


def test_a_temporary_folder_of_a_killed_process_is_removed_by_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    script = (
        "import os, tempfile; from sandbox.folder import temporary; "
        f"tempfile.tempdir = {str(tmp_path)!r}; made = temporary('history'); made.__enter__(); "
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", script], timeout=30)
    with temporary("history") as own:
        assert len(list(tmp_path.iterdir())) == 2
        assert remove_leftovers() == 1
        assert list(tmp_path.iterdir()) == [own]
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_has_left_running_is_ended_by_the_next(tmp_path):
    script = (
        "import os, tempfile, threading, time; from sandbox.host import HostProvider; "
        f"tempfile.tempdir = {str(tmp_path)!r}; box = HostProvider().start(None, run='killed'); "
        "words = ['sh', '-c', 'setsid sleep 1000 & echo > ../ready; sleep 1000']; "
        "run = lambda: box.run(words, timeout=2000); threading.Thread(target=run).start()\n"
        f"while not list(__import__('pathlib').Path({str(tmp_path)!r}).glob('*/ready')): "
        "time.sleep(0.01)\n"
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", script], timeout=30)

    def running():
        return [line for line in left(tmp_path, ())["processes"] if "sleep" in line]

    assert len(running()) == 3
    assert remove_leftovers() == 1
    assert running() == []
    assert list(tmp_path.iterdir()) == []
