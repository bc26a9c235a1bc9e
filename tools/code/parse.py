"""One file to its outline and its words; never raises, whatever the bytes are.

The tree is walked once, in C, by the query of the language; what Python sees are only definitions,
imports, comments and strings. Identifiers and words are then taken from the bytes by one split of
each stretch of lines, which is some ten times cheaper than asking the tree for its identifiers.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from time import thread_time

from tree_sitter import QueryCursor, Tree

from tools.code.chunks import chunks
from tools.code.drafts import Drafts
from tools.code.languages import Language, Reader, language_of, reader
from tools.code.outline import Definition, Outline, Words
from tools.code.salvage import clip, salvage
from tools.code.triage import LARGEST, is_written_by_parser_generator
from tools.code.words import Vocabulary

PARSE_SECONDS = 2.0
"""Processor time that the parser may take for one file, as far as it lets itself be asked."""
_IDENTIFIER = bytes(
    code if code >= 128 or chr(code).isalnum() or code == 95 else 32 for code in range(256)
)
_TOKEN = bytes(
    code if code < 128 and (chr(code).isalnum() or code in b"_\n") else 32 for code in range(256)
)
_ASCII = bytes(code if code < 128 else ord("?") for code in range(256))
_TOKEN_LENGTH = 120
"""Letters of the longest name that counts as a reference."""
_HEAP = 20_000
"""Tokens in a row that the parser made nothing of."""
_VOCABULARY = Vocabulary()
_Range = tuple[int, int]


def parse(data: bytes, path: str) -> tuple[Outline, Words]:
    """Outline and words of a file; what cannot be parsed is cut into chunks, and said."""
    if len(data) > LARGEST:
        return unparsed(data, "huge")
    language = language_of(path, data)
    if language is None:
        return unparsed(data, "")
    if is_written_by_parser_generator(data):
        return unparsed(data, "generated")
    ready = reader(language.name)
    data = _decodable(data)
    try:
        tree = _tree(ready, data)
    except ValueError:
        return unparsed(data, f"parser gave up after {PARSE_SECONDS:g} s")
    if _is_rubble(tree):
        return unparsed(data, "syntax errors")
    return _code(data, ready, tree)


def unparsed(data: bytes, trouble: str) -> tuple[Outline, Words]:
    """Outline and words of a text that no parser reads, or that its parser could not.

    Of a huge one only the first :data:`tools.code.triage.LARGEST` bytes are looked at.
    """
    data = data[:LARGEST]
    lines = _line_count(data)
    pieces = chunks(data.decode("utf-8", "replace").split("\n")[:lines])
    terms, by_definition = _words(data, pieces, lines)
    return Outline("", lines, pieces, (), trouble), Words(terms, {}, by_definition)


def words_of(data: bytes, outline: Outline) -> Words:
    """The words of a file whose outline is known, without its parser.

    They are those of :func:`parse`, but names in comments and strings count as references.
    """
    ready = reader(outline.language) if outline.language else None
    terms, by_definition = _words(data, outline.definitions, outline.lines)
    names = [definition.name for definition in outline.definitions]
    return Words(terms, _references(data, names, ready.keywords) if ready else {}, by_definition)


def _line_count(data: bytes) -> int:
    return data.count(b"\n") + bool(data and not data.endswith(b"\n"))


def _decodable(data: bytes) -> bytes:
    """The same length in UTF-8: a query's predicates decode what they look at."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return data.translate(_ASCII)
    return data


def _tree(ready: Reader, data: bytes) -> Tree:
    end = thread_time() + PARSE_SECONDS
    try:
        return ready.parser.parse(
            lambda offset, _: data[offset:] if offset else data,
            progress_callback=lambda _offset, _error: thread_time() > end,
        )
    except ValueError:
        ready.parser.reset()
        raise


def _is_rubble(tree: Tree) -> bool:
    """Whether the parser made nothing of a large file but a heap of tokens.

    The query's cost grows with the square of a heap: 100,000 brackets take it five seconds.
    """
    root = tree.root_node
    if not root.has_error:
        return False
    heaps = [root] if root.is_error else [child for child in root.children if child.is_error]
    return any(heap.child_count > _HEAP for heap in heaps)


def _code(data: bytes, ready: Reader, tree: Tree) -> tuple[Outline, Words]:
    drafts, lines = Drafts(data), _line_count(data)
    quiet: list[_Range] = []
    loud: list[_Range] = []
    statements: list[_Range] = []
    # The cursor's own progress callback is not used: with tree-sitter 0.26.1 it ends the process.
    for _, captures in QueryCursor(ready.query).matches(tree.root_node):
        if "string" in captures:
            quiet.append(captures["string"][0].byte_range)
        elif "name" in captures:
            drafts.add(captures)
        elif "comment" in captures:
            start, end = captures["comment"][0].byte_range
            quiet.append((start, end))
            drafts.lead(start, end, comment=True)
        elif "code" in captures:
            loud.append(captures["code"][0].byte_range)
        elif "leading" in captures:
            drafts.lead(*captures["leading"][0].byte_range, comment=False)
        elif "import" in captures:
            statements.append(captures["import"][0].byte_range)
    code = _blank(data, quiet, loud)
    trouble = ""
    if tree.root_node.has_error:
        trouble = "syntax errors"
        known = drafts.functions(partial(clip, code, ready.language.name))
        drafts.add_functions(salvage(code, ready.language.name, known))
    definitions = drafts.definitions(ready.language)
    trouble = "too many definitions" if drafts.full else trouble
    terms, by_definition = _words(data, definitions, lines)
    names = [definition.name for definition in definitions]
    references = _references(code, names, ready.keywords)
    imports = _imports(data, statements, ready.language)
    outline = Outline(ready.language.name, lines, definitions, imports, trouble)
    return outline, Words(terms, references, by_definition)


def _imports(data: bytes, statements: Sequence[_Range], language: Language) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for start, end in statements:
        text = data[start : min(end, start + 10_000)].decode("utf-8", "replace")
        names.update(dict.fromkeys(language.imports(text)))
    return tuple(name for name in names if name)


def _blank(data: bytes, quiet: Sequence[_Range], loud: Sequence[_Range]) -> bytes:
    """The code alone: comments and strings blanked, what is interpolated in strings kept."""
    kept = bytearray(data)
    if not loud:
        for start, end in quiet:
            kept[start:end] = bytes(end - start)
        return bytes(kept)
    marks = [(start, -end, b"") for start, end in quiet]
    marks += [(start, -end, data[start:end]) for start, end in loud]
    for start, end, code in sorted(marks):
        kept[start:-end] = code or bytes(-end - start)
    return bytes(kept)


def _references(code: bytes, names: Sequence[str], keywords: frozenset[str]) -> dict[str, int]:
    counts = Counter(code.translate(_IDENTIFIER).decode("utf-8", "replace").split())
    for name in names:
        counts[name] -= 1
    return {
        name: times
        for name, times in counts.items()
        if times > 0
        and len(name) <= _TOKEN_LENGTH
        and name not in keywords
        and not name[0].isdigit()
    }


def _words(
    data: bytes, definitions: Sequence[Definition], lines: int
) -> tuple[dict[str, int], tuple[dict[str, int], ...]]:
    """Words of the whole file, and of each definition's own lines."""
    rows = data.translate(_TOKEN).decode("ascii").split("\n")
    own: list[list[str]] = [[] for _ in (*definitions, "outside of all")]
    for owner, first, last in _stretches(definitions, lines):
        own[owner] += _VOCABULARY.of(" ".join(rows[first - 1 : last]).split())
    *by_definition, outside = (dict(Counter(words)) for words in own)
    total = outside
    known = total.get
    for counts in by_definition:
        for word, times in counts.items():
            total[word] = known(word, 0) + times
    return total, tuple(by_definition)


def _stretches(definitions: Sequence[Definition], lines: int) -> Iterator[tuple[int, int, int]]:
    """The file cut where the innermost definition changes: (definition or -1, first, last line)."""
    open_: list[int] = []
    line = 1
    for place, definition in enumerate(definitions):
        while open_ and open_[-1] != definition.parent:
            inner = open_.pop()
            if line <= definitions[inner].end:
                yield inner, line, definitions[inner].end
                line = definitions[inner].end + 1
        if line < definition.start:
            yield definition.parent, line, definition.start - 1
            line = definition.start
        open_.append(place)
    for inner in reversed(open_):
        if line <= definitions[inner].end:
            yield inner, line, definitions[inner].end
            line = definitions[inner].end + 1
    if line <= lines:
        yield -1, line, lines
