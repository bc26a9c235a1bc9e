import pytest

from sandbox.arguments import refused
from sandbox.docker_box import portable


@pytest.mark.parametrize(
    ("arguments", "environment", "words"),
    [
        ([], {}, "no command"),
        ([""], {}, "no command"),
        (["echo", "a\0b"], {}, "NUL"),
        (["echo"], {"A": "\0"}, "NUL"),
        (["echo"], {"A=B": "c"}, "no usable name"),
        (["echo"], {"": "c"}, "no usable name"),
        (["echo", "\ud800"], {}, "lone surrogate"),
        (["echo", "x" * 131_072], {}, "longer than 128 KiB"),
        (["echo", *["x" * 100_000] * 11], {}, "longer than 1 MiB"),
    ],
)
def test_what_no_system_would_start_is_refused(arguments, environment, words):
    completed = refused(arguments, environment)
    assert completed is not None
    assert completed.exit_code == 126
    assert words in completed.stderr.data.decode()


@pytest.mark.parametrize("argument", ["", "x" * 131_071, "a b\n", "ünï", "bytes\udcff"])
def test_everything_else_may_be_tried(argument):
    assert refused(["echo", argument], {"NAME": "a=b"}) is None


def test_text_goes_as_it_is_and_other_bytes_as_octal():
    assert portable(["a", "ü\n"]) == ["a", "ü\n"]
    words = portable(["cat", "\udcff"])
    assert words[:2] == ["sh", "-c"]
    assert words[-2:] == [r"\0143\0141\0164", r"\0377"]
