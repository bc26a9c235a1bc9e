"""Changes that may make a symptom go away and leave the bug: a reader has to tell."""

import ast
import re
from collections.abc import Iterable, Iterator

from agent.evidence.candidate import Candidate, ChangedFile
from agent.evidence.finding import Action, Finding
from agent.evidence.tamper.reading import (
    JVM,
    NATIVE,
    SCRIPT,
    SHELL,
    added_calls,
    added_code,
    found,
    matching_lines,
    python_files,
)

_FREEZERS = re.compile(
    r"(^|\.)(seed|manual_seed|freeze_time|set_random_seed|tzset|travel|use_fake_timers)$"
)
_FREEZERS_ELSEWHERE = {
    SCRIPT: r"useFakeTimers|sinon\.\w*[Tt]imers|\bseedrandom\b",
    frozenset((".go",)): r"\brand\.Seed\s*\(",
    JVM: r"\bClock\.fixed\s*\(|new Random\(\s*\d",
    NATIVE: r"\bsrand\s*\(",
    frozenset((".rb",)): r"\b(srand|Timecop|travel_to)\b",
    frozenset((".php",)): r"\b(mt_srand|srand|setTestNow)\s*\(",
}


def frozen_time_or_randomness(candidate: Candidate) -> Iterator[Finding]:
    """Clocks and random numbers that are held still."""
    for file, origins in python_files(candidate):
        for node, name in added_calls(file, origins):
            if _FREEZERS.search(name):
                text = f"`{name}` holds time or chance still"
                yield found("frozen_time_or_randomness", file, node.lineno, Action.FLAGGED, text)
    for file, line, text in matching_lines(candidate, _FREEZERS_ELSEWHERE):
        said = f"`{text}` holds time or chance still"
        yield found("frozen_time_or_randomness", file, line, Action.FLAGGED, said)


_SLEEPS = re.compile(r"(^|\.)(sleep|sleep_ms|usleep|nanosleep|pause|sigwait)$")
_ALARMS = frozenset(("signal.alarm", "signal.setitimer", "signal.signal", "signal.pthread_sigmask"))
_SLEEPS_ELSEWHERE = {
    SCRIPT: r"\b(setTimeout|setInterval|Atomics\.wait)\s*\(",
    JVM: r"\bThread\.sleep\s*\(|TimeUnit\.\w+\.sleep",
    frozenset((".go",)): r"\btime\.(Sleep|After)\s*\(",
    frozenset((".rs",)): r"\bthread::sleep\b",
    NATIVE: r"\b(sleep|usleep|nanosleep|alarm|setitimer)\s*\(|sleep_for\s*\(",
    frozenset((".rb", ".php", ".pl", ".pm", ".sh")): r"\b(sleep|usleep)\b",
}


def sleeping(candidate: Candidate) -> Iterator[Finding]:
    """Waiting, and changes of the alarm that stops a test which runs too long."""
    for file, origins in python_files(candidate):
        for node, name in added_calls(file, origins):
            if name in _ALARMS:
                usual = bool(file.before and name.rpartition(".")[2] in file.before)
                action = Action.FLAGGED if usual else Action.REFUSED
                text = f"`{name}` can switch off what stops a test that runs too long"
                yield found("sleeping", file, node.lineno, action, text)
            elif _SLEEPS.search(name):
                text = f"`{name}` waits; a test may pass only because of it"
                yield found("sleeping", file, node.lineno, Action.FLAGGED, text)
    for file, line, text in matching_lines(candidate, _SLEEPS_ELSEWHERE):
        yield found("sleeping", file, line, Action.FLAGGED, f"`{text}` waits")


_EMPTY_CATCH = re.compile(
    r"(catch\s*(\([^)]*\))?\s*\{\s*((//|/\*)[^\n]*)?\s*(return[^;\n]{0,20};?|continue;?|break;?)?\s*\})"
    r"|(rescue(\s+\w+(::\w+)*)?(\s*=>\s*\w+)?\s*(nil|next|return)?\s*$)"
    r"|(\brescue\s+nil\b)|(\|\|\s*true\s*$)|(2>\s*/dev/null)",
    re.MULTILINE,
)
_CATCHING = SCRIPT | JVM | NATIVE | SHELL | frozenset((".rb", ".php", ".cs", ".swift", ".dart"))


def swallowed_exceptions(candidate: Candidate) -> Iterator[Finding]:
    """Handlers that catch an error and tell nobody."""
    for file, origins in python_files(candidate):
        for node in file.touched_nodes:
            if isinstance(node, ast.ExceptHandler) and _is_silent(node):
                what = ast.unparse(node.type) if node.type else "everything"
                text = f"catches {what} and hides it"
                yield found("swallowed_exceptions", file, node.lineno, Action.FLAGGED, text)
        for call, name in added_calls(file, origins):
            if name == "contextlib.suppress":
                text = f"`{ast.unparse(call)[:60]}` hides errors"
                yield found("swallowed_exceptions", file, call.lineno, Action.FLAGGED, text)
    for file in candidate.files:
        if file.suffix in _CATCHING and file.tree is None:
            code = "\n".join(text for _, text in added_code(file))
            if match := _EMPTY_CATCH.search(code):
                said = f"`{' '.join(match[0].split())}` hides errors"
                yield found("swallowed_exceptions", file, 0, Action.FLAGGED, said)


def _is_silent(handler: ast.ExceptHandler) -> bool:
    """Whether nothing is done but to go on, or to answer with a constant or an empty value."""
    return all(
        isinstance(statement, ast.Pass | ast.Continue | ast.Break)
        or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
        or (isinstance(statement, ast.Return) and _is_plain(statement.value))
        or (isinstance(statement, ast.Assign) and _is_plain(statement.value))
        for statement in handler.body
    )


def _is_plain(value: ast.AST | None) -> bool:
    if isinstance(value, ast.List | ast.Tuple | ast.Set):
        return not value.elts
    if isinstance(value, ast.Dict):
        return not value.keys
    return value is None or isinstance(value, ast.Constant | ast.Name)


_ALARM = re.compile(r"\b(raise|assert|throw|panic!?|abort|unreachable!?|die|fail)\b|return\s+Err\(")


def deleted_path(candidate: Candidate) -> Iterator[Finding]:
    """Code that was taken away or can no longer be reached, checks above all."""
    code = [text for file in candidate.files for _, text in added_code(file)]
    gone = [file for file in candidate.files if any(text.strip() for text in file.removed.values())]
    if gone and not code:
        text = "the patch only removes code"
        yield found("deleted_path", gone[0], 0, Action.FLAGGED, text)
    for file in candidate.files:
        less = _alarms(file.removed.values()) - _alarms(file.added.values())
        if less > 0:
            text = f"removes {less} check(s) that report an error"
            yield found("deleted_path", file, 0, Action.FLAGGED, text)
    for file, _ in python_files(candidate):
        yield from _gone_definitions(file)
        yield from _emptied(file)
        yield from _unreachable(file)


def _never_holds(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.If | ast.While)
        and isinstance(node.test, ast.Constant)
        and not node.test.value
    )


def _alarms(lines: Iterable[str]) -> int:
    return sum(len(_ALARM.findall(line)) for line in lines if not line.lstrip().startswith("#"))


def _gone_definitions(file: ChangedFile) -> Iterator[Finding]:
    if file.old_tree is None or file.tree is None:
        return
    gone = _definitions(file.old_tree) - _definitions(file.tree)
    if gone:
        text = f"removes {', '.join(sorted(gone)[:5])}"
        yield found("deleted_path", file, 0, Action.FLAGGED, text)


def _emptied(file: ChangedFile) -> Iterator[Finding]:
    """Functions that did something and now do nothing."""
    before: dict[str, list[ast.FunctionDef | ast.AsyncFunctionDef]] = {}
    for node in _functions(file.old_tree):
        before.setdefault(node.name, []).append(node)
    for node in _functions(file.tree):
        known = before.get(node.name, [])
        if not _does_nothing(node) or any(ast.dump(one) == ast.dump(node) for one in known):
            continue
        if not all(_does_nothing(one) and not _hands_on(one) for one in known):
            text = f"`{node.name}` did something, and does nothing any more"
            yield found("deleted_path", file, node.lineno, Action.FLAGGED, text)


def _functions(tree: ast.AST | None) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _does_nothing(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return all(
        isinstance(statement, ast.Pass)
        or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
        or (isinstance(statement, ast.Return) and _is_plain(statement.value))
        for statement in function.body
    )


def _hands_on(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether it answers with what a name stands for, which need not be the same each time."""
    returned = (s.value for s in function.body if isinstance(s, ast.Return))
    return any(isinstance(value, ast.Name) for value in returned)


def _definitions(tree: ast.AST) -> set[str]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {node.name for node in ast.walk(tree) if isinstance(node, kinds)}


def _unreachable(file: ChangedFile) -> Iterator[Finding]:
    for node in file.touched_nodes:
        if _never_holds(node) and getattr(node, "lineno", 0) in file.added:
            text = "switches code off by a condition that never holds"
            yield found("deleted_path", file, getattr(node, "lineno", 0), Action.FLAGGED, text)
        body = getattr(node, "body", [])
        for statement in body[:-1] if isinstance(body, list) else ():
            ends = isinstance(statement, ast.Return | ast.Raise | ast.Continue | ast.Break)
            if ends and statement.lineno in file.added:
                text = "ends before code that can no longer be reached"
                yield found("deleted_path", file, statement.lineno, Action.FLAGGED, text)
