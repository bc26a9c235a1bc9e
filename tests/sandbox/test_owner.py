import os
import subprocess
from dataclasses import replace

from sandbox.owner import HOST, PID, START, Owner


def test_labels_name_the_owner():
    owner = Owner.current()
    assert owner.pid == os.getpid()
    assert set(owner.labels) == {HOST, PID, START}
    assert Owner.from_labels(owner.labels) == owner


def test_labels_of_others_name_nobody():
    assert Owner.from_labels({}) is None
    assert Owner.from_labels({HOST: "h", PID: "x", START: "1"}) is None


def test_a_living_owner_is_not_gone():
    assert not Owner.current().is_gone()


def test_an_owner_that_has_ended_is_gone():
    process = subprocess.Popen(["true"])
    process.wait()
    assert replace(Owner.current(), pid=process.pid).is_gone()


def test_a_number_used_again_is_another_owner():
    assert replace(Owner.current(), start=1).is_gone()


def test_an_owner_on_another_host_cannot_be_judged():
    assert not replace(Owner.current(), host="elsewhere", pid=2**22 + 1).is_gone()


def test_a_file_name_tells_the_owner():
    owner = Owner.current()
    assert Owner.from_name(f"box-{owner.name}-abc") == owner
    assert Owner.from_name("box-abc") is None
    other = Owner.from_name(replace(owner, host="another", start=1).name)
    assert other is not None
    assert not other.is_gone()
