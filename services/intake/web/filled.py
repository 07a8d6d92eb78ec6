"""What did a person fill in, as the browser sent it, and what is wrong with one of its fields?"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs

from libs.delivery.errors import Rejected
from libs.events.given import one_line_end

FIELDS_MAX = 150  # the form has about 30, and a service at most 50 questions


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to put right: the field, and the key of the sentence that says how."""

    field: str
    key: str
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Filled:
    """The fields of a form, as text."""

    fields: Mapping[str, Sequence[str]] = dataclasses.field(default_factory=dict)

    @classmethod
    def of(cls, body: bytes) -> "Filled":
        """From an URL-encoded body. Raises `Rejected` when it is none."""
        try:
            return cls(parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=FIELDS_MAX))
        except ValueError as error:
            raise Rejected("the form could not be read; go back and send it again", slug="bad-request") from error

    def one(self, name: str) -> str:
        """The value of a field, with one kind of line end and without blanks around it; empty when it was not sent."""
        return one_line_end(next(iter(self.several(name)), "")).strip()

    def several(self, name: str) -> Sequence[str]:
        """All values of a field that can be ticked more than once."""
        return self.fields.get(name, ())

    def has(self, name: str, value: str) -> bool:
        """Whether this value was chosen."""
        return value in self.several(name)

    def having(self, **changes: str) -> "Filled":
        """The same with some fields replaced."""
        return Filled({**self.fields, **{name: [value] for name, value in changes.items()}})
