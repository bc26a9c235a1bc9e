import pytest

from sandbox.base import SandboxUnavailable
from sandbox.choose import _first_that_works, strongest
from sandbox.docker import _require_mapped_users
from sandbox.host import HostProvider

NOWHERE = "unix:///no/such/engine.sock"


class Provider:
    """A provider that works, or says why it does not."""

    bounds = "nothing"

    def __init__(self, name: str, complaint: str = "") -> None:
        self.name = name
        self._complaint = complaint

    def check(self) -> None:
        if self._complaint:
            raise SandboxUnavailable(self._complaint)

    def start(self, limits, *, run):
        raise AssertionError


def test_the_first_that_works_is_chosen_and_says_what_it_passed_over():
    makers = {
        "one": lambda: Provider("one", "start it"),
        "two": lambda: Provider("two"),
        "three": lambda: Provider("three"),
    }
    choice = _first_that_works(makers)
    assert choice.provider.name == "two"
    assert choice.passed_over == ("one: start it",)


def test_when_none_works_every_reason_is_given():
    makers = {"one": lambda: Provider("one", "start it"), "two": lambda: Provider("two", "get it")}
    with pytest.raises(SandboxUnavailable) as failure:
        _first_that_works(makers)
    assert str(failure.value).splitlines()[1:] == ["  one: start it", "  two: get it"]


def test_what_contains_nothing_is_given_only_when_asked_for():
    assert isinstance(strongest("none").provider, HostProvider)
    assert strongest("none").passed_over == ()


def test_a_kind_asked_for_is_never_replaced_by_another():
    with pytest.raises(SandboxUnavailable, match=r"no engine answers.*start it") as failure:
        strongest("docker", docker_address=NOWHERE)
    assert "bubblewrap" not in str(failure.value)


def test_an_engine_elsewhere_is_refused():
    with pytest.raises(SandboxUnavailable, match="not on this machine"):
        strongest("docker", docker_address="tcp://127.0.0.1:2375")


def test_a_kind_nobody_knows_is_the_callers_mistake():
    with pytest.raises(ValueError, match="use auto, isolated, docker, podman, bubblewrap, none"):
        strongest("chroot")


@pytest.mark.bubblewrap
def test_without_an_engine_the_fallback_is_taken_and_says_why():
    try:
        choice = strongest(docker_address=NOWHERE)
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    assert choice.provider.name in ("podman", "bubblewrap")
    assert choice.passed_over[0].startswith("docker: no engine answers")


def test_users_of_the_host_are_not_isolated():
    with pytest.raises(SandboxUnavailable, match="userns-remap"):
        _require_mapped_users({"SecurityOptions": ["name=seccomp,profile=default"]})
    _require_mapped_users({"SecurityOptions": ["name=userns"]})
