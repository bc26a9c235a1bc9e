"""The part of JSON Schema that tools are described in: strict form, check, and mending by it.

Keywords are those of https://json-schema.org/draft/2020-12/json-schema-validation that pydantic
writes for the arguments of our tools. Any other is an error here, not something passed over.
"""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.model.tolerant import NotJSON, parse

_KNOWN = {
    "$ref", "$defs", "type", "properties", "required", "additionalProperties", "items", "enum",
    "const", "anyOf", "default", "title", "description", "minimum", "maximum", "exclusiveMinimum",
    "exclusiveMaximum", "minLength", "maxLength", "minItems", "maxItems",
}  # fmt: skip
_DROPPED_IN_STRICT = ("default", "title")
_LARGEST = 2**53
"""Integers beyond are not the same number to every reader of JSON (RFC 8259, section 6)."""
_LIKE = 0.8
"""How much alike two names must be, by difflib's ratio, to be a slip of the pen."""

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at one place of a value; ``prompts/malformed_call.md.j2`` has the words."""

    place: str
    """Keys and indexes from the outside in, joined by dots; empty for the whole value."""
    kind: str
    """``missing``, ``unknown``, ``type``, ``choice``, ``range`` or ``size``."""
    wanted: str = ""
    """The type, the choices or the bound that would be right."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A value held against a schema."""

    value: Any
    mended: tuple[str, ...] = ()
    """One line for each thing that was changed in it."""
    faults: tuple[Fault, ...] = ()
    """What is still wrong; empty when the value is valid."""


def check(schema: Schema) -> None:
    """Return when only known keywords are used.

    Raises:
        ValueError: One is not; it would be passed over in silence.
    """
    for part in _parts(schema):
        unknown = sorted(set(part) - _KNOWN)
        if unknown:
            raise ValueError(f"JSON Schema keywords that are not supported: {', '.join(unknown)}")


def _parts(schema: Schema) -> Iterator[Schema]:
    yield schema
    below = [*schema.get("$defs", {}).values(), *schema.get("properties", {}).values()]
    below += schema.get("anyOf", [])
    below += [schema["items"]] if isinstance(schema.get("items"), Mapping) else []
    for part in below:
        yield from _parts(part)


def strict(schema: Schema) -> dict[str, Any]:
    """The schema as strict tool calls want it: every property required, none else allowed.

    What was optional may be null instead; :func:`fit` takes that for left out. Numbers get bounds,
    so that none goes on for ever. The rules:
    https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
    """
    made = {key: value for key, value in schema.items() if key not in _DROPPED_IN_STRICT}
    if made.get("type") in ("integer", "number"):
        made |= {} if "minimum" in made or "exclusiveMinimum" in made else {"minimum": -_LARGEST}
        made |= {} if "maximum" in made or "exclusiveMaximum" in made else {"maximum": _LARGEST}
    if "anyOf" in made:
        made["anyOf"] = [strict(option) for option in made["anyOf"]]
    if isinstance(made.get("items"), Mapping):
        made["items"] = strict(made["items"])
    if "$defs" in made:
        made["$defs"] = {name: strict(part) for name, part in made["$defs"].items()}
    if made.get("type") == "object":
        properties = made.get("properties", {})
        needed = made.get("required", [])
        made["properties"] = {
            name: strict(part) if name in needed else _or_null(strict(part))
            for name, part in properties.items()
        }
        made["required"] = list(properties)
        made["additionalProperties"] = False
    return made


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    options = schema.get("anyOf", [schema])
    if {"type": "null"} in options or schema.get("type") == "null":
        return schema
    rest = {} if "anyOf" not in schema else {k: v for k, v in schema.items() if k != "anyOf"}
    return rest | {"anyOf": [*options, {"type": "null"}]}


def fit(schema: Schema, value: Any) -> Fitted:
    """Hold a value against a schema, mending what can be meant in one way only."""
    return _Fitting(schema.get("$defs", {})).fit(schema, value, "")


def nearest(name: str, choices: Sequence[str]) -> str | None:
    """The one choice that a name can be meant for: by other case or signs, or a slip of the pen."""
    alike = [choice for choice in choices if _plain(choice) == _plain(name)]
    if not alike:
        alike = [choice for choice in choices if sorted(choice) == sorted(name)]
    if not alike:
        alike = difflib.get_close_matches(name, choices, n=2, cutoff=_LIKE)
    return alike[0] if len(alike) == 1 else None


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()


@dataclass(frozen=True, slots=True)
class _Fitting:
    definitions: Mapping[str, Schema] = field(default_factory=dict)

    def fit(self, schema: Schema, value: Any, place: str) -> Fitted:
        if "$ref" in schema:
            schema = self.definitions[schema["$ref"].removeprefix("#/$defs/")]
        if "anyOf" in schema:
            return self._fit_any(schema["anyOf"], value, place)
        if "enum" in schema or "const" in schema:
            choices = schema.get("enum", [schema.get("const")])
            return _fit_choice(choices, value, place)
        match schema.get("type"):
            case "object":
                return self._fit_object(schema, value, place)
            case "array":
                return self._fit_array(schema, value, place)
            case "string":
                return _fit_string(schema, value, place)
            case "integer" | "number" as kind:
                return _fit_number(schema, kind, value, place)
            case "boolean":
                return _fit_boolean(value, place)
            case "null":
                return Fitted(value, faults=() if value is None else (_type(place, "null"),))
            case _:
                return Fitted(value)

    def _fit_any(self, options: Sequence[Schema], value: Any, place: str) -> Fitted:
        fitted = [self.fit(option, value, place) for option in options]
        good = [fit for fit in fitted if not fit.faults]
        untouched = [fit for fit in good if not fit.mended]
        if untouched or len(good) == 1:
            return (untouched or good)[0]
        told = [fit for fit, option in zip(fitted, options, strict=True) if option != _NULL]
        return Fitted(value, faults=told[0].faults or (_type(place, "unambiguous value"),))

    def _fit_object(self, schema: Schema, value: Any, place: str) -> Fitted:
        mended: list[str] = []
        if isinstance(value, str):
            value = _decoded(value, dict, place, mended)
        if not isinstance(value, dict):
            return Fitted(value, faults=(_type(place, "object"),))
        properties = schema.get("properties", {})
        named, faults = _names(schema, properties, value, place, mended)
        made: dict[str, Any] = {}
        for key, inner in named.items():
            fitted = self.fit(properties.get(key, {}), inner, _below(place, key))
            optional = key in properties and key not in schema.get("required", [])
            if optional and fitted.faults and _stands_for_nothing(inner):
                if inner is not None:
                    mended.append(f"{_below(place, key)}: {inner!r} taken for left out")
                continue
            made[key] = fitted.value
            mended += fitted.mended
            faults += fitted.faults
        missing = [key for key in schema.get("required", []) if key not in made]
        faults += [Fault(_below(place, key), "missing") for key in missing]
        return Fitted(made, tuple(mended), tuple(faults))

    def _fit_array(self, schema: Schema, value: Any, place: str) -> Fitted:
        mended: list[str] = []
        if isinstance(value, str) and value.lstrip().startswith("["):
            value = _decoded(value, list, place, mended)
        items = schema.get("items", {})
        if not isinstance(value, list):
            alone = self.fit(items, value, place)
            if value is None or alone.faults or alone.mended:
                return Fitted(value, faults=(_type(place, "array"),))
            mended.append(f"{place}: one item taken for a list of one")
            value = [value]
        fitted = [self.fit(items, item, _below(place, str(i))) for i, item in enumerate(value)]
        faults = [fault for fit in fitted for fault in fit.faults]
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            faults.append(Fault(place, "size", _bounds(schema, "minItems", "maxItems")))
        mended += [line for fit in fitted for line in fit.mended]
        return Fitted([fit.value for fit in fitted], tuple(mended), tuple(faults))


_NULL = {"type": "null"}


def _names(
    schema: Schema, properties: Mapping[str, Any], value: Mapping[str, Any], place: str,
    mended: list[str],
) -> tuple[dict[str, Any], list[Fault]]:  # fmt: skip
    """The members under the names that the schema has for them."""
    named = {key: inner for key, inner in value.items() if key in properties}
    faults: list[Fault] = []
    for key, inner in value.items():
        if key in properties:
            continue
        meant = nearest(key, [name for name in properties if name not in value])
        if meant is not None and meant not in named:
            mended.append(f"{_below(place, key)}: taken for {meant}")
            named[meant] = inner
        elif schema.get("additionalProperties") is not False:
            named[key] = inner
        elif inner is None:
            mended.append(f"{_below(place, key)}: left out, it is null")
        else:
            faults.append(Fault(_below(place, key), "unknown", ", ".join(properties)))
    return named, faults


def _stands_for_nothing(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value.strip().lower() in _NOTHING)


_NOTHING = ("", "null", "none")


def _decoded(text: str, kind: type, place: str, mended: list[str]) -> Any:
    """What a string of JSON says, where it is of the kind that is wanted; else the string."""
    try:
        found, _ = parse(text)
    except NotJSON:
        return text
    if not isinstance(found, kind):
        return text
    mended.append(f"{place or 'arguments'}: JSON inside a string")
    return found


def _fit_choice(choices: Sequence[Any], value: Any, place: str) -> Fitted:
    if any(value == choice and type(value) is type(choice) for choice in choices):
        return Fitted(value)
    texts = [choice for choice in choices if isinstance(choice, str)]
    meant = [choice for choice in texts if isinstance(value, str) and _same(choice, value)]
    if len(meant) == 1:
        return Fitted(meant[0], (f"{place}: {value!r} taken for {meant[0]!r}",))
    return Fitted(value, faults=(Fault(place, "choice", ", ".join(map(str, choices))),))


def _same(one: str, other: str) -> bool:
    return one.strip().lower() == other.strip().lower()


def _fit_string(schema: Schema, value: Any, place: str) -> Fitted:
    mended: tuple[str, ...] = ()
    if isinstance(value, int | float) and not isinstance(value, bool):
        value, mended = str(value), (f"{place}: a number taken for text",)
    if not isinstance(value, str):
        return Fitted(value, faults=(_type(place, "string"),))
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        wanted = _bounds(schema, "minLength", "maxLength")
        return Fitted(value, mended, (Fault(place, "size", wanted),))
    return Fitted(value, mended)


def _fit_number(schema: Schema, kind: str, value: Any, place: str) -> Fitted:
    mended: tuple[str, ...] = ()
    if isinstance(value, str):
        number = _number(value.strip())
        if number is not None:
            value, mended = number, (f"{place}: a number that was text",)
    if kind == "integer" and isinstance(value, float) and value.is_integer():
        value, mended = int(value), mended or (f"{place}: a whole number that was a fraction",)
    right = int if kind == "integer" else int | float
    if not isinstance(value, right) or isinstance(value, bool):
        return Fitted(value, faults=(_type(place, kind),))
    if not _within(schema, value):
        wanted = _bounds(schema, "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
        return Fitted(value, mended, (Fault(place, "range", wanted),))
    return Fitted(value, mended)


def _number(text: str) -> int | float | None:
    if re.fullmatch(r"-?\d{1,16}", text):
        return int(text)
    return float(text) if re.fullmatch(r"-?\d{1,16}\.\d{1,16}", text) else None


def _within(schema: Schema, value: float) -> bool:
    least, most = schema.get("minimum", -_LARGEST), schema.get("maximum", _LARGEST)
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if (above is not None and value <= above) or (below is not None and value >= below):
        return False
    return bool(least <= value <= most)


def _fit_boolean(value: Any, place: str) -> Fitted:
    if isinstance(value, bool):
        return Fitted(value)
    word = value.strip().lower() if isinstance(value, str) else ""
    if word in ("true", "false"):
        return Fitted(word == "true", (f"{place}: a truth value that was text",))
    return Fitted(value, faults=(_type(place, "boolean"),))


def _type(place: str, wanted: str) -> Fault:
    return Fault(place, "type", wanted)


_BOUND_SIGNS = {
    "minimum": "at least", "minLength": "at least", "minItems": "at least",
    "maximum": "at most", "maxLength": "at most", "maxItems": "at most",
    "exclusiveMinimum": "more than", "exclusiveMaximum": "less than",
}  # fmt: skip


def _bounds(schema: Schema, *keys: str) -> str:
    told = [f"{_BOUND_SIGNS[key]} {schema[key]}" for key in keys if key in schema]
    return " and ".join(told) or f"at most {_LARGEST}"


def _below(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key
