"""Are opening hours refused that no reader understands, and none that OpenStreetMap writes?"""

import pytest

from libs.directory import compile_pack, parse_pack
from libs.directory.opening_hours import UNDERSTOOD, is_understood
from tests.unit.directory_packs import DEPARTMENTS, files


@pytest.mark.parametrize(
    "hours",
    [
        UNDERSTOOD,
        "24/7",
        "Mo-Fr 08:00-17:00",
        "Mo,We,Fr 8:00-12:00",
        "Mo-Fr 08:00-12:00, 13:30-17:00",
        "Mo-Fr 08:00-12:00,13:30-17:00; Tu 08:00-19:00; Sa,Su,PH off",
        "08:00-18:00",
        "Mo-Sa",
        "Mo-Su,PH 10:00-18:00",
        "PH,Mo-Su 10:00-18:00",
        "Apr-Sep Mo-Fr 08:00-18:00; Oct-Mar Mo-Fr 08:00-17:00",
        "Apr-Sep: Mo-Fr 08:00-18:00",
        "Dec 24 off",
        "Dec 24-26 off",
        "Dec 24-Jan 02 off",
        "2026 Dec 25 off",
        "2026-2027 Mo-Fr 08:00-18:00",
        "Sa[1] 09:00-12:00",
        "Th[1,3],Fr[-1] 09:00-12:00",
        "SH Mo-Fr 08:00-12:00",
        "week 1-53/2 Mo 08:00-12:00",
        "easter -2 days off",
        "Mo-Fr 10:00+",
        "Fr 18:00-26:00",
        "sunrise-sunset",
        "(sunrise+01:00)-(sunset-00:30)",
        'Mo-Fr 09:00-17:00 "by appointment"',
        'Mo-Fr 09:00-12:00 || "by appointment"',
        "Mo-Fr 09:00-17:00; PH closed;",
    ],
)
def test_hours_as_openstreetmap_writes_them_are_taken(hours: str) -> None:
    assert is_understood(hours)


@pytest.mark.parametrize(
    "hours",
    [
        "Mo-Fr 8h-17h",
        "Mo-Fr 8-17",
        "Mo-Fr 8:00-17",
        "Mo-Fr 08.00-17.00",
        "Lu-Ve 08:00-17:00",
        "Mon-Fri 08:00-17:00",
        "mo-fr 08:00-17:00",
        "Mo-Fr 8am-5pm",
        "Mo-Fr 08:00-17:00 Sa 9h",
        "Mo-Fr 08:60-17:00",
        "Mo-Fr 08:00 to 17:00",
        "du lundi au vendredi",
        "Mo-Fr 08:00-17:00 / Sa 09:00-12:00",
        "Mo-Fr 0800-1700",
        ";",
        "Mo-Fr 08:00-17:00,",
    ],
)
def test_hours_that_nobody_understands_are_refused_with_what_is(hours: str) -> None:
    assert not is_understood(hours)
    rows = DEPARTMENTS.replace("Mairie d'Aval,Aval town hall,,", f'Mairie d\'Aval,Aval town hall,"{hours}",')
    (error,) = compile_pack(parse_pack(files(departments=rows))).errors
    assert (error.code, error.file, error.line) == ("value-invalid", "departments.csv", 2)
    assert UNDERSTOOD in error.message
