"""The probe on boxes that lack a wall; that it passes where all are there, the contract shows."""

import pytest

from sandbox import trial
from sandbox.base import MIB, Limits, SandboxUnavailable
from sandbox.host import HostProvider
from sandbox.probe import FORBIDDEN, in_group, per_process, probe, sized_files

UNLIMITED = Limits(memory_bytes=2**62, processes=2**62, file_bytes=2**62)


@pytest.fixture(scope="module")
def bare():
    with HostProvider().start(Limits(), run="probe-test") as box:
        yield box


@pytest.mark.parametrize(
    ("check", "wrong"),
    [
        (in_group(Limits(processes=1, memory_bytes=MIB)), "processes and memory are not bounded"),
        (sized_files(Limits(workspace_bytes=1), "/usr", 1), "files are not bounded"),
        (per_process(Limits(processes=1))[0], "the number of processes is not bounded"),
        (per_process(Limits(memory_bytes=1))[1], "memory and files of a process"),
    ],
)
def test_a_wall_that_is_missing_is_named(bare, check, wrong):
    with pytest.raises(SandboxUnavailable, match=wrong):
        probe(bare, [check])


def test_all_that_is_missing_is_named_at_once(bare):
    with pytest.raises(SandboxUnavailable) as refusal:
        probe(bare, FORBIDDEN)
    assert "privileges can be gained" in str(refusal.value)
    assert "there is a network" in str(refusal.value)
    assert str(refusal.value).endswith("Nothing was run in it")


def test_what_is_there_is_not_complained_of(bare):
    probe(bare, [per_process(UNLIMITED)[0]])


def test_a_probe_that_leaves_no_answer_counts_as_missed(bare, monkeypatch):
    monkeypatch.setattr("sandbox.probe.program", lambda *_: b"#!/bin/sh\necho all is well\n")
    with pytest.raises(SandboxUnavailable, match="could not be checked"):
        probe(bare, FORBIDDEN)


def test_a_machine_on_which_it_cannot_be_made_is_refused(bare, monkeypatch):
    monkeypatch.setattr(trial.platform, "machine", lambda: "riscv64")
    with pytest.raises(SandboxUnavailable, match="kind of processor"):
        probe(bare, FORBIDDEN)


def test_it_leaves_nothing_behind(bare):
    with pytest.raises(SandboxUnavailable):
        probe(bare, FORBIDDEN)
    listed = bare.run(["sh", "-c", 'ls -A . "$HOME" / /etc /usr'], timeout=10).stdout.data
    assert b"patchwright-probe" not in listed
    assert b"patchwright-device" not in listed
