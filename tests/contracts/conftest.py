"""Boxes of every kind, shared where a test leaves them as they were."""

from collections.abc import Callable, Iterator

import pytest

from doubles.sandboxes import CONTAINING, HOST, SMALL, provider_or_skip
from sandbox.base import Provider, Sandbox


@pytest.fixture(scope="session")
def usable() -> Callable[[str], Provider]:
    """Gives the provider of one kind; skips the test where it does not work."""
    return provider_or_skip


@pytest.fixture(scope="session", params=[HOST, *CONTAINING])
def provider(request: pytest.FixtureRequest) -> Provider:
    """Every kind of sandbox."""
    return provider_or_skip(request.param)


@pytest.fixture(scope="session", params=CONTAINING)
def containing_provider(request: pytest.FixtureRequest) -> Provider:
    """Every kind of sandbox that contains anything."""
    return provider_or_skip(request.param)


@pytest.fixture(scope="module")
def box(provider: Provider) -> Iterator[Sandbox]:
    """A box shared by a module's tests; none of them may end it."""
    with provider.start(SMALL, run="contract") as started:
        yield started


@pytest.fixture(scope="module")
def containing_box(containing_provider: Provider) -> Iterator[Sandbox]:
    """A box that contains, shared by a module's tests; none of them may end it."""
    with containing_provider.start(SMALL, run="contract") as started:
        yield started


@pytest.fixture
def fresh_box(provider: Provider) -> Iterator[Sandbox]:
    """A box of the test's own."""
    with provider.start(SMALL, run="contract") as started:
        yield started
