"""What does a register know of communes, parts of communes and groupings?"""

import re
from collections import Counter
from dataclasses import dataclass, field

OVERSEAS = ("97", "98")  # here the département, or collectivity, has three digits of a commune's code, elsewhere two
COMMUNE_CODE = re.compile(r"(\d{2}|2[AB])\d{3}")
# La Poste lists three towns by their municipal arrondissements alone.
ARRONDISSEMENTS = {
    **{str(code): ("75056", "Paris") for code in range(75101, 75121)},
    **{str(code): ("69123", "Lyon") for code in range(69381, 69390)},
    **{str(code): ("13055", "Marseille") for code in range(13201, 13217)},
}


@dataclass(frozen=True, slots=True)
class Commune:
    """A municipality as the register has it. `former` are codes that it, or what it absorbed, had before."""

    code: str
    name: str
    siren: str = ""
    postal_codes: tuple[str, ...] = ()
    population: int | None = None
    departement: str = ""
    region: str = ""
    grouping: str = ""
    former: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """An arrondissement, or a commune that is now part of another one, with a code of its own."""

    code: str
    name: str
    whole: str


@dataclass(frozen=True, slots=True)
class Grouping:
    """A grouping of communes (EPCI), by SIREN. `members` are official codes, where the register lists them."""

    code: str
    name: str
    members: tuple[str, ...] = ()
    size: int | None = None


@dataclass(slots=True)
class Register:
    """Everything that was read, by code."""

    communes: dict[str, Commune] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    groupings: dict[str, Grouping] = field(default_factory=dict)
    departements: dict[str, str] = field(default_factory=dict)
    regions: dict[str, str] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    """Why rows became nothing, and how many."""
    is_national: bool = False
    """Whether it holds the neighbours too, so that a postal code is known to be shared with them."""

    @property
    def has_groupings(self) -> bool:
        """Whether anything here says which communes belong together."""
        return bool(self.groupings) or any(commune.grouping for commune in self.communes.values())


def departement_in(code: str) -> str:
    """The département, or overseas collectivity, that a commune's official code begins with; empty for other codes."""
    if not COMMUNE_CODE.fullmatch(code):
        return ""
    return code[:3] if code.startswith(OVERSEAS) else code[:2]
