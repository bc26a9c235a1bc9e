"""Stack frames quoted in an issue, of every language that prints them.

One pattern a format, in the order they are tried on a line; formats as the runtimes print them:
Python (traceback module), Java and Kotlin and Scala (Throwable.printStackTrace), JavaScript (V8's
and SpiderMonkey's Error.stack), Go (runtime panics), Rust (RUST_BACKTRACE), C and C++ (gdb,
sanitizers), C# (Environment.StackTrace), Ruby (full_message), PHP (getTraceAsString), and the
``path:line`` that compilers and linters print.
"""

import re
from dataclasses import dataclass

_EXTENSION = r"(?:pyx?|java|kts?|scala|[cm]?[jt]sx?|vue|go|rs|[ch](?:pp|xx|c|h|\+\+)?|cs|rb|php|sh)"
_PATH = rf"(?P<path>[^\s:()\"'`<>|,;=\[\]]+\.{_EXTENSION})"
_WINDOWS = r"(?:[A-Za-z]:)?"

_FORMATS = tuple(
    re.compile(pattern)
    for pattern in (
        # Python:   File "a/b.py", line 12, in name
        r"File \"(?P<path>[^\"\n]+)\", line (?P<line>\d+)(?:, in (?P<function>[\w<>.]+))?",
        # Java, Kotlin, Scala:   at com.acme.Thing.method(Thing.java:12)
        r"at (?:[\w.]+/)?(?P<function>[\w.$<>]+)"
        r"\((?P<path>[\w$]+\.(?:java|kt|scala)):(?P<line>\d+)\)",
        # PHP:   #0 /a/b.php(12): Name->method()
        r"#\d+ (?P<path>[^\s()]+\.php)\((?P<line>\d+)\):\s*(?P<function>[\w\\>:-]+)?",
        # C#:   at Name.Method() in a/b.cs:line 12
        rf"at (?P<function>[\w.`]+)\([^)]*\) in {_WINDOWS}{_PATH}:line (?P<line>\d+)",
        # JavaScript:   at name (a/b.js:12:3)   at a/b.js:12:3   name@a/b.js:12:3
        r"at (?:(?:async |new )?(?P<function>[\w.$<>]+) (?:\[as \w+\] )?\()?(?:file://)?"
        rf"{_WINDOWS}{_PATH}:(?P<line>\d+):\d+\)?",
        rf"(?P<function>[\w.$/<>]+)@(?:\w+://)?{_WINDOWS}{_PATH}:(?P<line>\d+):\d+",
        # Ruby:   a/b.rb:12:in `name'
        r"(?P<path>[^\s:'`\"]+\.rb):(?P<line>\d+):in [`'](?P<function>[^'`\n]+)'",
        # gdb and sanitizers:   #3 0x00 in name (x=1) at a/b.c:12
        rf"#\d+\s+(?:0x[0-9a-f]+ in )?(?P<function>[\w:~]+)[^\n]*?\s(?:at )?{_PATH}:(?P<line>\d+)",
        # Anything that names a place:   a/b.rs:12:3   a/b.go:12 +0x1f
        rf"{_WINDOWS}{_PATH}(?::|#L|, line )(?P<line>\d+)",
    )
)

# A Go or Rust frame names its function on the line before its place.
_GO_FUNCTION = re.compile(r"^\s*(?:[\w./-]+/)?[\w-]+\.(?:\(\*?(\w+)\)\.)?(\w+)(?:\.func\d+)?\(")
_RUST_FUNCTION = re.compile(
    r"^\s*\d+:\s+(?:0x[0-9a-f]+ - )?(?:<?[\w:<> ]+::)?(\w+)(?:::h[0-9a-f]+)?\s*$"
)

_LINE = 500
_FRAMES = 400


@dataclass(frozen=True, slots=True)
class Frame:
    """One place that an issue quotes."""

    path: str
    """As printed, with forward slashes; often absolute, or a file name alone."""
    line: int
    function: str
    """Its last name, such as ``method``; empty when it is not said or there is none."""


def find_frames(text: str) -> list[Frame]:
    """Frames in the order of the text, as many as a person would read."""
    frames: list[Frame] = []
    before = ""
    for line in text.splitlines():
        match = _match(line[:_LINE])
        if match:
            frames.append(_frame(match, before))
        before = line[:_LINE]
        if len(frames) == _FRAMES:
            break
    return frames


def _match(line: str) -> "re.Match[str] | None":
    if not any(mark in line for mark in (":", "(", "#L", "line ")):
        return None
    return next((match for pattern in _FORMATS if (match := pattern.search(line))), None)


def _frame(match: "re.Match[str]", before: str) -> Frame:
    function = match.groupdict().get("function") or ""
    path = match["path"].replace("\\", "/")
    if not function and path.endswith(".go"):
        function = _last_group(_GO_FUNCTION, before)
    if not function and path.endswith(".rs"):
        function = _last_group(_RUST_FUNCTION, before)
    name = re.split(r"[.:\\>/$# -]", function)[-1]
    return Frame(path, int(match["line"][:9]), name)


def _last_group(pattern: "re.Pattern[str]", line: str) -> str:
    match = pattern.match(line)
    return match.groups()[-1] or "" if match else ""
