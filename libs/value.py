"""How is a value declared of which a hundred thousand are made every second?"""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

Made = TypeVar("Made")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value(made: type[Made]) -> type[Made]:
    """A dataclass with slots that nobody may change: type checkers say so. Equal ones are equal, and can be keys.

    Unlike `dataclass(frozen=True)` nothing checks it at run time, where that takes six times as long as the making.
    """
    return dataclass(slots=True, unsafe_hash=True)(made)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def named_value(made: type[Made]) -> type[Made]:
    """The same, made by naming each field."""
    return dataclass(slots=True, unsafe_hash=True, kw_only=True)(made)


@dataclass_transform(eq_default=False, frozen_default=True, field_specifiers=(field,))
def unique(made: type[Made]) -> type[Made]:
    """The same, but each one is equal to itself only: what it holds need not be comparable for it to be a key."""
    return dataclass(slots=True, eq=False)(made)
