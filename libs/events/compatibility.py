"""May this JSON Schema replace that one, or would something that is sent today be refused or lost tomorrow?

Within a version, change is additive. What was valid must stay valid, and what could be said must still be heard:
no field goes, none becomes required, no type, list of values or limit gets narrower.
"""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

UPPER_LIMITS = ("maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum")
LOWER_LIMITS = ("minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum")
FIXED = ("pattern", "format", "dependentRequired")
DEPTH_MAX = 30  # a schema that refers to itself is compared this deep


def breaking_changes(old: Schema, new: Schema) -> list[str]:
    """One sentence for each change that breaks; none when the new schema may take the old one's place."""
    return list(_changes(_Side(old, old), _Side(new, new), "the event", 0))


class _Side:
    """A part of a schema, with the document that its references point into."""

    def __init__(self, document: Schema, part: Schema) -> None:
        while "$ref" in part:
            part = document["$defs"][part["$ref"].rpartition("/")[2]] | {k: v for k, v in part.items() if k != "$ref"}
        self.document, self.part = document, part

    def within(self, part: Schema) -> "_Side":
        return _Side(self.document, part)

    def choices(self) -> "list[_Side]":
        return [self.within(part) for part in self.part.get("anyOf", []) if "required" not in part] or [self]

    def values(self) -> list[Any] | None:
        if "const" in self.part:
            return [self.part["const"]]
        found: list[Any] | None = self.part.get("enum")
        return found

    def properties(self) -> "dict[str, _Side]":
        return {name: self.within(part) for name, part in self.part.get("properties", {}).items()}


def _changes(old: _Side, new: _Side, path: str, depth: int) -> Iterator[str]:
    """Every choice that the old side allowed must fit one choice of the new side."""
    if depth > DEPTH_MAX:
        return
    for before in old.choices():
        found = [list(_narrowed(before, after, path, depth)) for after in new.choices()]
        if all(found):
            yield from min(found, key=len)


def _narrowed(old: _Side, new: _Side, path: str, depth: int) -> Iterator[str]:
    if "type" in new.part and old.part.get("type") != new.part["type"]:
        if not (old.part.get("type") == "integer" and new.part["type"] == "number"):
            yield f"{path}: the type {old.part.get('type', 'anything')} is no longer allowed"
        return
    yield from _fewer_values(old, new, path)
    yield from _tighter_limits(old.part, new.part, path)
    yield from _object_changes(old, new, path, depth)
    for keyword in ("items", "additionalProperties", "propertyNames"):
        after = new.part.get(keyword)
        if isinstance(after, dict):
            before = old.part.get(keyword)
            known = before if isinstance(before, dict) else {}
            yield from _changes(old.within(known), new.within(after), f"{path}.{keyword}", depth + 1)
    for pattern, after in new.part.get("patternProperties", {}).items():
        known = old.part.get("patternProperties", {}).get(pattern, {})
        yield from _changes(old.within(known), new.within(after), f"{path}.*", depth + 1)


def _fewer_values(old: _Side, new: _Side, path: str) -> Iterator[str]:
    before, after = old.values(), new.values()
    if after is None:
        return
    if before is None:
        yield f"{path}: any value was allowed, now only {after}"
        return
    for value in before:
        if value not in after:
            yield f"{path}: the value {value!r} is gone"


def _tighter_limits(old: Schema, new: Schema, path: str) -> Iterator[str]:
    for keyword in UPPER_LIMITS:
        if keyword in new and (keyword not in old or new[keyword] < old[keyword]):
            yield f"{path}: {keyword} went down from {old.get(keyword, 'no limit')} to {new[keyword]}"
    for keyword in LOWER_LIMITS:
        if keyword in new and (keyword not in old or new[keyword] > old[keyword]):
            yield f"{path}: {keyword} went up from {old.get(keyword, 'no limit')} to {new[keyword]}"
    for keyword in FIXED:
        if keyword in new and old.get(keyword) != new[keyword]:
            yield f"{path}: {keyword} changed"


def _object_changes(old: _Side, new: _Side, path: str, depth: int) -> Iterator[str]:
    before, after = old.properties(), new.properties()
    for name, side in before.items():
        if name not in after:
            yield f"{path}.{name}: the field is gone"
        else:
            yield from _changes(side, after[name], f"{path}.{name}", depth + 1)
    for name in new.part.get("required", []):
        if name not in old.part.get("required", []):
            yield f"{path}.{name}: the field became required"
    if _ways(new) and not (_ways(old) and _ways(old) <= _ways(new)):
        yield f"{path}: the groups of fields of which one is needed changed"
    if new.part.get("additionalProperties") is False and old.part.get("additionalProperties") is not False:
        yield f"{path}: unknown fields became forbidden"


def _ways(side: _Side) -> set[tuple[str, ...]]:
    """The groups of fields of which at least one must be given whole, as a place needs one that locates."""
    groups = [side.part, *side.part.get("allOf", [])]
    return {tuple(way["required"]) for group in groups for way in group.get("anyOf", []) if "required" in way}
