from hypothesis import given
from hypothesis import strategies as some

from agent.serving.caches import Cache, Conversations, windowed

FULL = Cache(numbers=128, pieces=4)
SLIDING = Cache(numbers=128, window=64, pieces=4)
LATENT = Cache(numbers=100, octets=10, pieces=1)
STATE = Cache(state=10_000, pieces=4)


def kept(*caches: Cache, number_bytes: int = 2, gpus: int = 1, in_flight: int = 0) -> Conversations:
    return Conversations(caches, number_bytes, gpus, in_flight)


def test_layers_that_see_everything_grow_with_the_conversation() -> None:
    assert kept(FULL, FULL).token == 2 * 256
    assert kept(FULL).bytes_each(1600) == 1600 * 256
    assert kept(FULL, number_bytes=1).bytes_each(1600) == 1600 * 128


def test_tokens_are_allotted_in_blocks() -> None:
    assert kept(FULL).bytes_each(1) == kept(FULL).bytes_each(16) == 16 * 256
    assert kept(FULL).bytes_each(17) == 32 * 256


def test_a_window_bounds_what_a_layer_keeps() -> None:
    assert kept(SLIDING).token == 0
    assert kept(SLIDING).bytes_each(100_000) == (64 + 16) * 256
    assert kept(SLIDING, in_flight=1000).bytes_each(100_000) == (1072 + 16) * 256
    assert kept(SLIDING).bytes_each(32) == 32 * 256
    assert windowed([FULL, SLIDING])
    assert not windowed([FULL])


def test_heads_are_cut_and_latents_are_on_each_gpu() -> None:
    assert kept(FULL, gpus=4).bytes_each(160) == 160 * 256 // 4
    assert kept(FULL, gpus=8).bytes_each(160) == 160 * 256 // 4
    assert kept(LATENT, gpus=8).bytes_each(160) == 160 * 210


def test_a_state_costs_the_same_however_long_the_conversation() -> None:
    assert kept(STATE).bytes_each(10) == kept(STATE).bytes_each(10**6) == 10_000
    assert kept(STATE, gpus=2).bytes_each(10) == 5_000


@given(some.integers(1, 10**6), some.integers(1, 10**6), some.integers(1, 8))
def test_a_longer_conversation_never_takes_less(one: int, other: int, gpus: int) -> None:
    caches = kept(FULL, SLIDING, LATENT, STATE, gpus=gpus, in_flight=512)
    shorter, longer = sorted((one, other))
    assert caches.bytes_each(shorter) <= caches.bytes_each(longer)
