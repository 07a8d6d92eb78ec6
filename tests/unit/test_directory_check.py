"""Is a pack's author told what is wrong, where, and what to do, before anybody is decided by it?"""

import pytest

from libs.directory import Finding, compile_pack, locate, parse_pack
from libs.directory.findings import KINDS
from tests.unit import directory_packs as packs
from tests.unit.directory_packs import OUTLINES, collection, files, outline, square


def findings(**changes: str | None) -> list[Finding]:
    return compile_pack(parse_pack(files(**changes))).findings


def found(**changes: str | None) -> list[tuple[str, str, int]]:
    return [(finding.code, finding.file, finding.line) for finding in findings(**changes)]


def test_a_sound_pack_has_no_findings() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("name", "old", "new", "finding"),
    [
        ("competences", "P1,pothole", "P1,pothol", ("code-unknown", "competences.csv", 2)),
        ("competences", "layer:rocade", "layer:ring", ("code-unknown", "competences.csv", 3)),
        ("competences", "municipality:T02", "municipality:T09", ("code-unknown", "competences.csv", 7)),
        ("competences", "layer:rocade", "road:rocade", ("value-invalid", "competences.csv", 3)),
        ("competences", ",metro,@decides:voirie,0,,,Code", ",metr,@decides:voirie,0,,,Code", "code-unknown"),
        ("competences", "state-roads", "state-road", ("code-unknown", "competences.csv", 3)),
        ("competences", "height_m > 4", "height_m above 4", ("condition-invalid", "competences.csv", 6)),
        ("competences", "height_m > 4", "colour = red", ("condition-unasked", "competences.csv", 6)),
        ("services", "height_m: {type: number}, ", "", ("condition-unasked", "competences.csv", 6)),
        ("competences", "G3,graffiti", "G2,graffiti", ("code-twice", "competences.csv", 7)),
        (
            "competences",
            "G2,graffiti,*,height_m > 4,metro,@decides:voirie,10",
            "G2,graffiti,*,height_m > 4,metro,@decides:voirie,0",
            ("rules-equal", "competences.csv", 6),
        ),
        ("competences", "state,state-roads,0", "state,state-roads,much", ("value-invalid", "competences.csv", 3)),
        ("competences", "state-roads,0,,", "state-roads,0,2027-02-30,", ("value-invalid", "competences.csv", 3)),
        ("competences", "state-roads,0,,", "state-roads,0,2027-02-01,2027-01-01", "rule-never-valid"),
        ("competences", "L1,lamp,*", "L1,lamp,municipality:T01", ("pair-uncovered", "services.yaml", 4)),
        ("competences", "L1,lamp,*,", "L1,graffiti,*,owner = x", ("pair-uncovered", "services.yaml", 4)),
        ("competences", "layer:rocade", "*", "layer-unused"),
        ("competences", "basis\n", "bases\n", ("column-unknown", "competences.csv", 1)),
        ("competences", "decides,acts", "decides", ("column-missing", "competences.csv", 1)),
        ("competences", "Code L1\n", "Code L1,more\n", ("cells-surplus", "competences.csv", 2)),
        ("authorities", "aval,municipality", "aval,village", ("value-invalid", "authorities.csv", 2)),
        ("authorities", "aval,municipality", ",municipality", ("value-missing", "authorities.csv", 2)),
        ("authorities", "T02", "T01", ("code-twice", "authorities.csv", 3)),
        ("authorities", ",metro,1000", ",metropole,1000", ("code-unknown", "authorities.csv", 2)),
        ("authorities", "Aval,Aval", "Aval,", ("name-missing", "authorities.csv", 2)),
        ("departments", "aval-accueil,aval", "aval-accueil,avalon", ("code-unknown", "departments.csv", 2)),
        ("departments", "mairie@aval.example", "", ("endpoint-missing", "departments.csv", 2)),
        ("departments", "mairie@aval.example", "town hall", ("value-invalid", "departments.csv", 2)),
        ("departments", "mairie@aval.example", "a@b@aval.example", ("value-invalid", "departments.csv", 2)),
        ("departments", "mairie@aval.example", "mairie@-aval.example", ("value-invalid", "departments.csv", 2)),
        ("departments", "mairie@aval.example", "mai..rie@aval.example", ("value-invalid", "departments.csv", 2)),
        ("departments", "mairie@aval.example", "mairie@aval", ("value-invalid", "departments.csv", 2)),
        ("departments", "mairie@aval.example,", ",ftp://aval.example", ("value-invalid", "departments.csv", 2)),
        (
            "departments",
            "mairie@aval.example,",
            ",https://me:word@aval.example/",
            ("value-invalid", "departments.csv", 2),
        ),
        (
            "departments",
            "mairie@aval.example,",
            ",https://aval.example:99999/",
            ("value-invalid", "departments.csv", 2),
        ),
        ("departments", "mairie@aval.example,", ",https://a b.example/", ("value-invalid", "departments.csv", 2)),
        (
            "departments",
            "metro-voirie,metro,voirie",
            "metro-voirie,metro,accueil",
            ("code-twice", "departments.csv", 7),
        ),
        ("departments", "aval-accueil,aval,accueil", "aval-accueil,aval,parcs", "rule-without-department"),
        ("postal", "99100,T01", "99100,T77", ("code-unknown", "postal.csv", 2)),
        ("postal", "99100,T01,0\n", "", ("postal-missing", "authorities.csv", 2)),
        ("postal", "99100,T01,0", "99100,T01,yes", ("value-invalid", "postal.csv", 2)),
        ("territory", "desk: metro-accueil", "desk: nobody", ("code-unknown", "territory.yaml", 1)),
        ("territory", "desk: metro-accueil", "", ("value-missing", "territory.yaml", 1)),
        ("territory", "Europe/Paris", "Europe/Atlantis", ("value-invalid", "territory.yaml", 4)),
        ("territory", "country: FR", "country: XX", ("calendar-unknown", "territory.yaml", 1)),
        ("territory", "border_band_m: 50", "border_band: 50", ("field-unknown", "territory.yaml", 6)),
        ("territory", "languages: [fr, en]", "languages: [fr", "file-unreadable"),
        ("services", "working_days: 5", "days: 5", ("value-invalid", "services.yaml", 1)),
        ("services", "- code: lamp", "- code: pothole", ("code-twice", "services.yaml", 4)),
        ("services", ", en: Graffiti", "", ("name-missing", "services.yaml", 8)),
        ("places", '"code": "T03"', '"code": "T05"', ("code-unknown", "places.geojson", 4)),
        ("places", '"code": "T03"', '"nom": "Crête"', ("value-invalid", "places.geojson", 4)),
        ("places", "FeatureCollection", "FeatureCollection\n", "file-unreadable"),
        ("rocade", '"width_m": 40.0', '"width": 40.0', ("value-invalid", "layers/rocade.geojson", 2)),
    ],
)
def test_a_mistake_is_found_with_its_file_and_line(
    name: str, old: str, new: str, finding: str | tuple[str, str, int]
) -> None:
    text = next(text for path, text in files().items() if path.split("/")[-1].startswith(name))
    assert old in text
    seen = found(**{name: text.replace(old, new, 1)})
    assert finding in (seen if isinstance(finding, tuple) else [code for code, _, _ in seen])


def test_a_rule_that_never_wins_is_told() -> None:
    higher = packs.COMPETENCES + "P9,pothole,*,,metro,metro-accueil,5,,,\n"
    assert ("rule-shadowed", "competences.csv", 2) in found(competences=higher)
    everywhere = packs.COMPETENCES + "".join(
        f"L{n},lamp,municipality:T0{n},,metro,metro-accueil,0,,,\n" for n in (2, 3, 4)
    )
    assert "rule-shadowed" not in [code for code, _, _ in found(competences=everywhere)]
    everywhere += "L9,lamp,municipality:aval,,metro,metro-accueil,0,,,\n"
    assert ("rule-shadowed", "competences.csv", 4) in found(competences=everywhere)


@pytest.mark.parametrize(
    ("one", "other", "is_equal"),
    [
        ("height_m > 4", "height_m <= 4", False),
        ("height_m >= 4", "height_m <= 4", True),
        ("height_m > 4", "height_m > 5", True),
        ("owner = a", "owner = b", False),
        ("owner = a", "owner != a", False),
        ("owner = a", "height_m > 4", True),
        ("height_m = 3", "height_m > 4", False),
    ],
)
def test_rules_of_one_rank_pass_only_when_their_conditions_exclude_each_other(
    one: str, other: str, is_equal: bool
) -> None:
    rows = packs.COMPETENCES + (
        f"E1,graffiti,municipality:T03,{one},metro,metro-voirie,5,,,\n"
        f"E2,graffiti,municipality:T03,{other},metro,metro-accueil,5,,,\n"
    )
    assert ("rules-equal" in [code for code, _, _ in found(competences=rows)]) is is_equal


def test_rules_of_one_rank_at_different_times_do_not_meet() -> None:
    rows = packs.COMPETENCES.replace(
        "L1,lamp,*,,@municipality,@decides:voirie,0,,,",
        "L1,lamp,*,,@municipality,@decides:voirie,0,,2026-12-31,\nL2,lamp,*,,metro,@decides:voirie,0,2027-01-01,,",
    )
    assert found(competences=rows) == []


def test_gaps_and_overlaps_are_told_with_their_area() -> None:
    shapes = dict(OUTLINES)
    shapes["T04"] = [[square(0.03, 0.008, 0.034, 0.013)]]
    seen = findings(places=collection(*(outline(code, shape) for code, shape in shapes.items())))
    assert {(one.code, one.file) for one in seen} == {
        ("boundary-gap", "places.geojson"),
        ("boundary-overlap", "places.geojson"),
    }
    assert any("T02 and T04 overlap by 35,044 m²" in one.message for one in seen)


def test_a_crack_between_neighbours_that_runs_out_to_the_edge_is_told() -> None:
    shapes = dict(OUTLINES)
    shapes["T02"] = [[square(0.02005, 0, 0.05, 0.02), OUTLINES["T02"][0][1]]]
    (seen,) = findings(places=collection(*(outline(code, shape) for code, shape in shapes.items())))
    assert (seen.code, "beside T01 and T02" in seen.message) == ("boundary-gap", True)


def test_boundaries_are_looked_at_on_every_day_on_which_one_changes() -> None:
    later = outline("T01", [[square(0, 0, 0.025, 0.02)], OUTLINES["T01"][1]], valid_from="2027-01-01")
    before = outline("T01", OUTLINES["T01"], valid_to="2026-12-31")
    rest = [outline(code, OUTLINES[code]) for code in ("T02", "T03", "T04")]
    (seen,) = findings(places=collection(before, later, *rest))
    assert (seen.code, seen.message) == ("boundary-overlap", "T01 and T02 overlap by 876,088 m², on 2027-01-01")


def test_an_enclave_of_somebody_elses_is_no_gap_and_nobodys_place() -> None:
    shapes = {**OUTLINES, "@outside": OUTLINES["T04"]}
    shapes["T04"] = [[square(0.05, 0, 0.06, 0.02)]]
    places = collection(*(outline(code, shape) for code, shape in shapes.items()))
    assert findings(places=places) == []
    located = locate(packs.release_of(places=places), packs.point(0.0325, 0.01), packs.AT)
    assert located.outcome == "outside"


def test_an_inlet_of_the_outer_border_is_no_gap() -> None:
    inlet = [
        [0, 45],
        [0.0099, 45],
        [0.0099, 45.01],
        [0.00995, 45.01],
        [0.00995, 45],
        [0.02, 45],
        [0.02, 45.02],
        [0, 45.02],
    ]
    shapes = {**OUTLINES, "T01": [[[*inlet, inlet[0]]], OUTLINES["T01"][1]]}
    assert findings(places=collection(*(outline(code, shape) for code, shape in shapes.items()))) == []


def test_an_outline_that_crosses_itself_is_refused() -> None:
    bow = [[0, 45], [0.02, 45.02], [0.02, 45], [0, 45.02], [0, 45]]
    shapes = {**OUTLINES, "T01": [[bow]]}
    seen = found(places=collection(*(outline(code, shape) for code, shape in shapes.items())))
    assert ("geometry-invalid", "places.geojson", 2) in seen


def test_projected_coordinates_are_refused() -> None:
    lambert = [[[[420000, 6420000], [421000, 6420000], [421000, 6421000], [420000, 6420000]]]]
    shapes = {**OUTLINES, "T01": lambert}
    seen = found(places=collection(*(outline(code, shape) for code, shape in shapes.items())))
    assert ("geometry-invalid", "places.geojson", 2) in seen


def test_a_municipality_without_outline_is_told() -> None:
    some = collection(*(outline(code, OUTLINES[code]) for code in ("T01", "T02", "T04")))
    assert found(places=some) == [("place-missing", "authorities.csv", 4)]


def test_missing_and_foreign_files_are_told() -> None:
    assert ("file-missing", "competences.csv", 1) in found(competences=None)
    compiled = compile_pack(parse_pack({**files(), "competence.csv": ""}))
    assert [finding.code for finding in compiled.findings] == ["file-unknown"]
    assert compiled.release is not None


def test_an_error_keeps_the_release_back_and_a_warning_does_not() -> None:
    refused = compile_pack(parse_pack(files(competences=packs.COMPETENCES.replace("P1,pothole", "P1,pothol"))))
    assert refused.release is None
    assert refused.errors
    assert compile_pack(parse_pack(files(postal=None))).release is not None


def test_a_spreadsheets_semicolons_byte_order_mark_and_comments_are_understood() -> None:
    text = packs.POSTAL.replace(",", ";").replace("\n99200;T02", "\n# two towns\n99200;T02")
    assert found(postal="\ufeff" + text) == []


def test_a_condition_on_a_question_that_nobody_asks_is_an_error() -> None:
    rows = packs.COMPETENCES.replace("height_m > 4", "colour = red")
    assert [one.level for one in findings(competences=rows) if one.code == "condition-unasked"] == ["error"]


def test_every_kind_of_finding_has_a_remedy_of_its_own() -> None:
    assert all(remedy for _, remedy in KINDS.values())
