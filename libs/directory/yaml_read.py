"""How is YAML read so that what an author wrote is what is meant?

YAML 1.1, which PyYAML reads, takes yes, no, on and off for truth values, 010 for eight, 12:30 for 750 and a day for a
date. Here all these are text, as in YAML 1.2, and so is a number with a zero in front: codes look like that. Other
tools may still read it otherwise, so check asks for quotes.
"""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from libs.directory.findings import Finding, found

TAG = "tag:yaml.org,2002:"
PLAIN = {
    "null": (re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""]),
    "bool": (re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")),
    "int": (re.compile(r"^-?(?:0|[1-9][0-9]*)$"), list("-0123456789")),
    "float": (re.compile(r"^-?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+]?[0-9]+)?$"), list("-0123456789")),
    "merge": (re.compile(r"^<<$"), ["<"]),
}
BEFORE = yaml.resolver.Resolver()  # as YAML 1.1 has it


class Loader(yaml.SafeLoader):
    """PyYAML's, which knows no more kinds of plain values than JSON does."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 PyYAML's own name and kind


for _kind, (_form, _first) in PLAIN.items():
    Loader.add_implicit_resolver(TAG + _kind, _form, _first)


def load(file: str, text: str) -> tuple[Any, Any, list[Finding]]:
    """Nodes, values, and what is wrong: an error where it is no YAML, a warning where others read it otherwise."""
    loader = Loader(text.removeprefix("\ufeff"))
    try:
        node = loader.get_single_node()
        data = loader.construct_document(node) if node else None
        return node, data, list(_doubts(file, node)) if node else []
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return None, None, [found("file-unreadable", file, line, f"{file} is not YAML: {error.problem}")]
    except (yaml.YAMLError, ValueError) as error:
        return None, None, [found("file-unreadable", file, 1, f"{file} is not YAML: {error}")]
    finally:
        loader.dispose()


def _doubts(file: str, node: Any) -> Iterator[Finding]:
    """Every plain value, or name of one, that YAML 1.1 reads as another kind."""
    for scalar in _scalars(node):
        before = BEFORE.resolve(yaml.ScalarNode, scalar.value, (True, False))  # type: ignore[no-untyped-call]
        if scalar.style is None and scalar.tag.startswith(TAG) and before != scalar.tag:
            message = f"{scalar.value} without quotes is no text to every reader of YAML"
            yield found("yaml-unquoted", file, scalar.start_mark.line + 1, message)


def _scalars(node: Any) -> Iterator[Any]:
    """All of a document; what is named and used again stands once."""
    waiting, seen = [node], set[int]()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, yaml.ScalarNode):
            yield one
        elif isinstance(one, yaml.MappingNode):
            waiting += [part for pair in one.value for part in pair]
        else:
            waiting += one.value
