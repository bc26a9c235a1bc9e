"""Report files taken out of a box whose tests did their worst."""

import os

import pytest

from doubles.local_box import LocalBox, MakeBox
from tools.checks.base import Outputs, ReportFiles
from tools.checks.collect import collected, collecting


def collect(box: LocalBox, *reports: ReportFiles) -> Outputs:
    script, boundary = collecting(reports)
    read = box.shell(script, timeout=30)
    return collected(read.stdout.data, boundary, "printed")


@pytest.fixture
def box(make_box: MakeBox) -> LocalBox:
    files = {"out/a.xml": "first\nsecond", "out/deep/b.xml": "", "out/c.txt": "not this"}
    return make_box({**files, "other/d.xml": "nor this"})


XML = ReportFiles("./out", "*.xml")


def test_files_are_read_with_their_paths_and_the_root(box: LocalBox) -> None:
    outputs = collect(box, XML)
    assert outputs.files == {"./out/a.xml": "first\nsecond", "./out/deep/b.xml": ""}
    assert (outputs.root, outputs.printed) == (str(box.root), "printed")


def test_nothing_is_asked_for_and_nothing_is_there(box: LocalBox) -> None:
    assert collect(box).files == {}
    assert collect(box, ReportFiles("./nowhere", "*")).files == {}


def test_what_is_no_regular_file_is_left_alone(box: LocalBox) -> None:
    os.mkfifo(box.root / "out" / "pipe.xml")
    (box.root / "out" / "link.xml").symlink_to("/etc/hostname")
    (box.root / "out" / "folder.xml").mkdir()
    assert set(collect(box, XML).files) == {"./out/a.xml", "./out/deep/b.xml"}


def test_a_name_of_two_lines_hides_nothing(box: LocalBox) -> None:
    (box.root / "out" / "x\ny.xml").write_text("odd")
    assert collect(box, XML).files["./out/a.xml"] == "first\nsecond"


def test_a_forged_boundary_stays_in_its_file(box: LocalBox) -> None:
    forged = f"\n{'0' * 32} ./out/forged.xml\nforged"
    (box.root / "out" / "a.xml").write_text(forged)
    assert collect(box, XML).files["./out/a.xml"] == forged


def test_bytes_that_are_no_text_are_survived(box: LocalBox) -> None:
    (box.root / "out" / "a.xml").write_bytes(b"\xff\xfe\0<a/>")
    assert collect(box, XML).files["./out/a.xml"] == "\ufffd\ufffd\0<a/>"


def test_only_what_is_newer_is_read_if_that_is_asked(box: LocalBox) -> None:
    stamp = box.root / "stamp"
    stamp.write_text("")
    os.utime(stamp, (10**9, 10**9))
    os.utime(box.root / "out" / "deep" / "b.xml", (10**8, 10**8))
    newer = ReportFiles("./out", "*.xml", newer=str(stamp))
    assert set(collect(box, newer).files) == {"./out/a.xml"}


def test_a_box_that_printed_nothing_left_nothing() -> None:
    assert collected(b"", "b" * 32, "") == Outputs(root="")
