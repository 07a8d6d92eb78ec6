"""Which holidays and which clock are those of a draft's communes?

France keeps more holidays in some départements and overseas, and twelve clocks; a due date follows both.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from libs.operate.importing.places import Commune

T = TypeVar("T")
COUNTRY = "FR"
PARIS = "Europe/Paris"
# By département or overseas collectivity: the subdivision as the package `holidays` names it, and the clock.
ELSEWHERE: Mapping[str, tuple[str | None, str]] = {
    "57": ("57", PARIS),
    "67": ("6AE", PARIS),
    "68": ("6AE", PARIS),
    "971": ("971", "America/Guadeloupe"),
    "972": ("972", "America/Martinique"),
    "973": ("973", "America/Cayenne"),
    "974": ("974", "Indian/Reunion"),
    "975": ("PM", "America/Miquelon"),
    "976": ("976", "Indian/Mayotte"),
    "977": ("BL", "America/St_Barthelemy"),
    "978": ("MF", "America/Marigot"),
    "984": ("TF", "Indian/Kerguelen"),
    "986": ("WF", "Pacific/Wallis"),
    "987": ("PF", "Pacific/Tahiti"),
    "988": ("NC", "Pacific/Noumea"),
}
ALIKE: Mapping[str | None, str] = {"57": "6AE"}  # Moselle keeps what Alsace keeps
# In Polynesia the Marquesas are half an hour, and Gambier is a whole hour ahead of Tahiti.
CLOCKS_OF_COMMUNES: Mapping[str, str] = {
    **dict.fromkeys(("98718", "98723", "98731", "98746", "98748", "98750"), "Pacific/Marquesas"),
    "98719": "Pacific/Gambier",
}
UNSURE = ("975", "977", "978", "984", "986", "987", "988")
"""Collectivities that make labour law of their own, in full or in part: which days are holidays needs a look."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something about dates that a person must settle; `about` are départements."""

    message: str
    about: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dates:
    """Of a whole territory, which has one calendar and one clock: those of most of its communes."""

    subdivision: str | None
    time_zone: str
    doubts: tuple[Doubt, ...]

    @property
    def calendar(self) -> dict[str, str]:
        """As territory.yaml has it."""
        return {"country": COUNTRY} | ({"subdivision": self.subdivision} if self.subdivision else {})


def dates_for(communes: Sequence[Commune]) -> Dates:
    """What applies to most communes, and a doubt wherever that is not all there is to say."""
    kept = Counter(_subdivision(commune) for commune in communes)
    clocks = Counter(_clock(commune) for commune in communes)
    subdivision, time_zone = _most(kept), _most(clocks)
    doubts = []
    if others := _of(commune for commune in communes if _kept(commune) != ALIKE.get(subdivision, subdivision)):
        message = "holidays differ here: the days of the others count as working days, or the reverse"
        doubts.append(
            Doubt(f"{message} (chosen: {subdivision or 'those of all France'}); make two packs of it", others)
        )
    if others := _of(commune for commune in communes if _clock(commune) != time_zone):
        doubts.append(Doubt(f"clocks differ here: all due dates go by {time_zone}; make two packs of it", others))
    if unsure := tuple(sorted({commune.departement for commune in communes} & set(UNSURE))):
        doubts.append(Doubt("the collectivity settles holidays itself: compare them with the calendar", unsure))
    if unknown := tuple(commune.code for commune in communes if not commune.departement):
        message = f"nothing says in which département these lie: holidays of all France and {PARIS} are taken"
        doubts.append(Doubt(message, unknown))
    return Dates(subdivision, time_zone, tuple(doubts))


def _subdivision(commune: Commune) -> str | None:
    return ELSEWHERE.get(commune.departement, (None, PARIS))[0]


def _kept(commune: Commune) -> str | None:
    subdivision = _subdivision(commune)
    return ALIKE.get(subdivision, subdivision)


def _clock(commune: Commune) -> str:
    return CLOCKS_OF_COMMUNES.get(commune.code) or ELSEWHERE.get(commune.departement, (None, PARIS))[1]


def _most(counted: Counter[T]) -> T:
    return min(counted, key=lambda one: (-counted[one], str(one)))


def _of(communes: Iterable[Commune]) -> tuple[str, ...]:
    return tuple(sorted({commune.departement or commune.code for commune in communes}))
