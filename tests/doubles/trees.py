"""Trees of files in memory, outlined by the real parser, and a real tokenizer of code."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from tokenizers import Tokenizer

from benchmarks.bpe import train
from tools.code.outline import Outline
from tools.code.parse import parse

ROOT = Path(__file__).parent.parent.parent


class TextTree:
    """What an index knows of these files; a file given as None is kept out."""

    def __init__(self, files: Mapping[str, str | None]) -> None:
        self.paths: Sequence[str] = tuple(files)
        self.kept_out: Mapping[str, str] = {
            path: "kept out" for path, text in files.items() if text is None
        }
        self.files = {path: text for path, text in files.items() if text is not None}
        self.outlines: Mapping[str, Outline] = {
            path: parse(text.encode(), path)[0] for path, text in self.files.items()
        }

    def texts(self, paths: Sequence[str]) -> Iterator[str]:
        """The texts of these files, in order."""
        return (self.files[path] for path in paths)


@cache
def our_tokenizer() -> Tokenizer:
    """A tokenizer that is trained on this project's own sources."""
    sources = sorted(path for room in ("agent", "tools") for path in (ROOT / room).rglob("*.py"))
    return train(path.read_text() for path in sources)


def count_tokens(text: str) -> int:
    """Tokens of that tokenizer."""
    return len(our_tokenizer().encode(text).ids)
