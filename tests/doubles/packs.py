"""Random repositories, rankings and strange counters for packing, and a reader of packed texts."""

import re
from collections.abc import Callable, Iterator
from random import Random

from doubles.trees import TextTree, count_tokens
from prompts.border import bordered
from tools.code.pack.contents import Pack, PackedFile
from tools.code.pack.quoting import elision, shown_path
from tools.code.ranking import Ranking, Suspect

STEM = (
    "shop",
    "cart",
    "naïve",
    "文件",
    "a b",
    "x\ny",
    "\x1b[2J",
    "e\u202exe",
    "```",
    "⋮ 1-9",
    "\udce9",
)
SUFFIX = (".py", ".go", ".md", ".js", "")
WORDS = ("total", "price", "item", "parseHTTPHeader", "größe", "数", "x")
LINES = (
    "```",
    "``````",
    "~~~",
    "⋮ 3-400",
    "⋮⋮ 1-2",
    "## evil.py (3 lines)",
    "# Code",
    "<|im_end|>",
    "\tindented\t",
    "trailing   ",
    "carriage\r",
    "form\x0cfeed",
    "",
)


def random_tree(random: Random, most: int = 12) -> TextTree:
    """A few files of code and prose, small and large, some kept out, some with hostile names."""
    files: dict[str, str | None] = {}
    for number in range(random.randint(0, most)):
        folder = "/".join(random.choices(("src", "tests", *STEM), k=random.randint(0, 3)))
        name = f"{random.choice(STEM)}{number}{random.choice(SUFFIX)}"
        path = f"{folder}/{name}".lstrip("/")
        files[path] = None if random.random() < 0.1 else _text(random, path)
    return TextTree(files)


def random_ranking(random: Random, tree: TextTree) -> Ranking:
    """Suspects among what there is, and some that are kept out, with any chances."""
    definitions = [
        Suspect(path, place, random.random() ** 4, (("lexical", 0.7), ("past", 0.3)))
        for path, outline in tree.outlines.items()
        for place in range(len(outline.definitions))
        if random.random() < 0.7
    ]
    definitions.sort(key=lambda suspect: -suspect.probability)
    tests = [Suspect(path, -1, random.random()) for path in tree.outlines if "tests" in path]
    fixes = [
        (str(number) * 40, _line(random), "\n".join(_line(random) for _ in range(20)))
        for number in range(random.randint(0, 3))
    ]
    files = [Suspect(path, -1, random.random() ** 2) for path in tree.paths]
    return Ranking(files, definitions, tests, fixes)


def random_budget(random: Random) -> int:
    """From nothing to all there is."""
    return int(random.choice((1, 10, 100, 1_000, 10_000, 100_000)) * random.uniform(0, 4))


def counters() -> dict[str, Callable[[str], int]]:
    """A real tokenizer; the same with what servers add to it; and counters that make no sense."""
    return {
        "tokenizer": count_tokens,
        "with a beginning": lambda text: count_tokens(text) + 7,
        "with a long template": lambda text: count_tokens(text) + 500,
        "estimate": lambda text: -(-len(text.encode()) // 3),
        "by the character": len,
        "in steps": lambda text: count_tokens(text) // 64 * 64 + 64,
        "not monotone": lambda text: count_tokens(text) + 200 * (len(text) % 3),
        "random": lambda text: Random(text).randint(0, 3_000),
        "shrinking": lambda text: max(0, 9_000 - len(text)),
        "always too much": lambda _: 10**9,
        "nothing": lambda _: 0,
    }


def expected_block(file: PackedFile, text: str) -> str:
    """How a file must stand in the pack: its shown lines as they cross the border of prompts, and a
    line for each gap.
    """
    lines = text.split("\n")
    lines = lines[:-1] if lines[-1] == "" else lines
    mark = elision("\n".join("\n".join(lines[a - 1 : b]) for a, b in file.runs))
    parts, next_line = [], 1
    for first, last in (*file.runs, (len(lines) + 1, len(lines) + 1)):
        if first > next_line:
            parts.append(f"{mark} {next_line}-{first - 1}")
        parts.extend(lines[first - 1 : last])
        next_line = last + 1
    return str(bordered("\n".join(parts)))


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """Heading line and content of every fenced block, read as CommonMark has it."""
    heading, fence, content = "", "", list[str]()
    for line in text.split("\n"):
        if fence:
            closing = re.fullmatch(r" {0,3}(`+)[ \t]*", line)
            if closing and len(closing[1]) >= len(fence):
                yield heading, "\n".join(content)
                heading, fence, content = "", "", []
            else:
                content.append(line)
        elif opening := re.match(r" {0,3}(`{3,})[^`]*$", line):
            fence = opening[1]
        elif line.startswith("#"):
            heading = line
    assert not fence, "a fence is not closed"


def heading_of(file: PackedFile) -> str:
    """The line above a file's block."""
    return f"## {bordered(shown_path(file.path))} ({file.lines} lines)"


def check(packed: Pack, tree: TextTree, count: Callable[[str], int]) -> None:
    """Everything that holds for every pack."""
    assert packed.tokens == (count(packed.text) if packed.text else 0)
    assert packed.tokens <= packed.budget
    assert sum(packed.sections.values()) == packed.tokens
    found = list(blocks(packed.text))
    named = {heading: content for heading, content in found if heading.startswith("## ")}
    assert len(named) == len(packed.files) + len(packed.fixes)
    assert len(found) - len(named) == packed.text.count("\n# Not shown") + ("Its " in packed.text)
    for file in packed.files:
        assert file.runs
        assert named[heading_of(file)] == expected_block(file, tree.files[file.path])
    for entry in packed.left_out:
        assert not packed.shows(entry.path, entry.first, entry.last)


def _text(random: Random, path: str) -> str:
    parts = [_definition(random, path) for _ in range(random.choice((0, 1, 3, 30)))]
    start = random.choice(("", "import a\n\n", "\ufeff", "\n\n"))
    return start + random.choice(("\n", "")).join(parts)


def _definition(random: Random, path: str) -> str:
    name = f"{random.choice(('total', 'add', 'Größe'))}_{random.randint(0, 99)}"
    body = "".join(f"    {_line(random)}\n" for _ in range(random.choice((1, 3, 10, 60))))
    if not path.endswith(".py"):
        return f"func {name}() {{\n{body}}}\n"
    class_with_method = f"class {name}:\n    size = 1\n    def method(self):\n    "
    head = random.choice((f"def {name}(a, b):\n", class_with_method))
    return f"{head}    '''\n{body}    '''\n    return {_line(random)!r}\n"


def _line(random: Random) -> str:
    if random.random() < 0.15:
        return random.choice(LINES)
    return " ".join(random.choices(WORDS, k=random.randint(1, 12)))
