"""By when does a list promise something: so many working days, or hours?"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from libs.operate.importing.tables import first_of

WORKING_DAYS = ("targetworkingdays", "workingdays", "delaijours", "delaienjours", "joursouvres", "delaijoursouvres")
DAYS = ("days", "targetdays", "jours", "nombredejours", "nbjours", "dagar", "tage")
HOURS = ("targethours", "hours", "heures", "delaiheures", "delaienheures", "timmar", "stunden")
ANY = ("delai", "delaidetraitement", "delaimax", "target", "duree", "sla", "frist")
COLUMNS = (*WORKING_DAYS, *HOURS, *DAYS, *ANY)
AMOUNT = re.compile(r"(\d+(?:[.,]\d+)?)\s*(\D*)", re.DOTALL)
# The unit behind a number, by how it begins, and how many of ours it is. A week has five working days.
UNITS: Sequence[tuple[tuple[str, ...], str, int]] = (
    (("h", "tim", "stund"), "hours", 1),
    (("j", "d", "t"), "working_days", 1),  # jours, days, dagar, Tage
    (("s", "w", "v"), "working_days", 5),  # semaines, weeks, veckor
    (("mo", "må"), "working_days", 21),
)
NOTHING = ("", "-", "0", "non", "no", "aucun", "none", "sans", "nej")
PROMISED_MAX = {"working_days": 1_000, "hours": 24_000}  # what services.yaml takes


def target_of(row: Mapping[str, Any]) -> tuple[dict[str, int], str]:
    """What services.yaml calls `target`, or why a cell is not understood. A bare number is working days."""
    for unit, columns in (("hours", HOURS), ("working_days", (*WORKING_DAYS, *DAYS, *ANY))):
        text = first_of(row, columns).strip()
        if text.casefold() in NOTHING:
            continue
        if found := _read(text, unit):
            return found, ""
        return {}, f"its time “{text}” is not understood: write a number of working days, or 48 h"
    return {}, ""


def _read(text: str, usual: str) -> dict[str, int]:
    amount = AMOUNT.fullmatch(text)
    if amount is None:
        return {}
    said = amount[2].strip().casefold()
    unit, times = next(
        ((unit, times) for begins, unit, times in UNITS if said.startswith(begins)), ("", 0) if said else (usual, 1)
    )
    number = float(amount[1].replace(",", ".")) * times
    return {unit: int(number)} if unit and number.is_integer() and number <= PROMISED_MAX[unit] else {}
