"""Which functions a change is confined to, told by the code that its file is compiled to.

A change inside of functions that have not run yet needs no new import: their code is exchanged. All
else that a module does when it is imported has to be the same, and how each function is called.
"""

from types import CodeType

FUNCTION = 0x1 | 0x2
"""CO_OPTIMIZED and CO_NEWLOCALS: set in functions, not in modules and classes."""
VARIADIC = (0x4, 0x8)
"""CO_VARARGS and CO_VARKEYWORDS: one more name each."""
SHELL = ("co_name", "co_code", "co_names", "co_varnames", "co_freevars", "co_cellvars", "co_flags")
CALLED = ("co_name", "co_freevars", "co_flags", "co_argcount", "co_kwonlyargcount")


def exchanged(old: CodeType, new: CodeType) -> "list[tuple[CodeType, CodeType]] | None":
    """The functions, before and after, that make the difference; None where it is another."""
    if _is_function(old) and _is_function(new):
        if old == new:
            return []
        return [(old, new)] if _called_alike(old, new) else None
    if not _alike(old, new, SHELL) or len(old.co_consts) != len(new.co_consts):
        return None
    if getattr(old, "co_exceptiontable", b"") != getattr(new, "co_exceptiontable", b""):
        return None
    found: list[tuple[CodeType, CodeType]] = []
    for one, other in zip(old.co_consts, new.co_consts):  # noqa: B905 - as old Pythons have it
        if isinstance(one, CodeType) and isinstance(other, CodeType):
            inner = exchanged(one, other)
            if inner is None:
                return None
            found += inner
        elif type(one) is not type(other) or repr(one) != repr(other):
            return None
    return found


def functions(code: CodeType) -> "list[CodeType]":
    """The code of all functions in a piece of code."""
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    found = [one for one in inner if _is_function(one)]
    return found + [deeper for one in inner for deeper in functions(one)]


def _is_function(code: CodeType) -> bool:
    return code.co_flags & FUNCTION == FUNCTION


def _alike(old: CodeType, new: CodeType, names: "tuple[str, ...]") -> bool:
    return all(getattr(old, name) == getattr(new, name) for name in names)


def _called_alike(old: CodeType, new: CodeType) -> bool:
    """Whether a function object cannot tell one code from the other before it is called."""
    count = old.co_argcount + old.co_kwonlyargcount
    count += sum(bool(old.co_flags & flag) for flag in VARIADIC)
    arguments = old.co_varnames[:count] == new.co_varnames[:count]
    # The first constant is the documentation, or None where there is none.
    documented = repr(old.co_consts[:1]) == repr(new.co_consts[:1])
    return _alike(old, new, CALLED) and arguments and documented
