"""Names, signatures and docstrings as they are kept: short, in one line, without their markup."""

import re

_NAME_LENGTH = 200
_QUALIFIED_LENGTH = 300
_SIGNATURE_LENGTH = 300
_DOCSTRING_LENGTH = 400
_BRACKETED = re.compile(r"<[^<>]*>|\[[^\[\]]*\]|\([^()]*\)")
_CONVERSION = re.compile(r"^(operator\s+\w[^()]*)\(.*")
_NO_SCOPE = frozenset({"exports", "module.exports", "this", "self", "window", "globalThis"})
_MARKS = re.compile(
    r"^[ \t]*(?:/\*[*!]*|//[/!]?|\*+/|\*(?!\*)|#+!?|=begin|=end)?[ \t]?|\s*\*+/\s*$"
)
_TAGS = re.compile(r"</?[A-Za-z][^<>]*>")
_QUOTES = re.compile(r"^[A-Za-z]{0,2}(?:\"\"\"|'''|\"|')|(?:\"\"\"|'''|\"|')$")
_OPENING = " \t\r\n{\\"


def name(text: str) -> tuple[str, str]:
    """What is before the last ``::`` of a name, dotted, and the name: ``A<T>::f`` → A, f."""
    if text.isidentifier():
        return "", text[:_NAME_LENGTH]
    text = " ".join(text.split()).strip("\"'")[:_NAME_LENGTH]
    text = _CONVERSION.sub(r"\1", text)
    if "::" not in text:
        return "", text.strip("()") if text.startswith("(") else text
    plain = text if "operator" in text else _without_brackets(text)
    before, _, last = plain.rpartition("::")
    return scope(before), last or plain


def scope(text: str) -> str:
    """What a name belongs to, dotted: ``*Server[T]`` → Server, ``Foo.prototype`` → Foo."""
    text = "".join(_without_brackets(text[:_NAME_LENGTH]).split())
    text = text.replace("::", ".").removesuffix(".prototype").strip("*&.")
    return "" if text in _NO_SCOPE else text


def qualified(outer: str, own_scope: str, own_name: str) -> str:
    """The dotted path; of one that is too long the end is kept."""
    own = f"{own_scope}.{own_name}" if own_scope else own_name
    return f"{outer}.{own}"[-_QUALIFIED_LENGTH:] if outer else own[-_QUALIFIED_LENGTH:]


def signature(text: str) -> str:
    """In one line, without the opening of the body."""
    return " ".join(text.split()).rstrip(_OPENING)[:_SIGNATURE_LENGTH]


def docstring(literal: str) -> str:
    """First paragraph of a string literal."""
    return _paragraph(_QUOTES.sub("", literal.strip()).splitlines())


def comment(text: str) -> str:
    """First paragraph of a comment, without what marks it as one."""
    return _paragraph([_TAGS.sub("", _MARKS.sub("", line)) for line in text.splitlines()])


def _paragraph(lines: list[str]) -> str:
    words: list[str] = []
    for line in lines:
        found = line.split()
        if not found and words:
            break
        words += found
    return " ".join(words)[:_DOCSTRING_LENGTH]


def _without_brackets(text: str) -> str:
    before = ""
    while before != text:
        before, text = text, _BRACKETED.sub("", text)
    return text
