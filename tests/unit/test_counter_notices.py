"""Does every page name what a public body owes to its readers, and does a printed page lead back to itself?"""

import re
from dataclasses import replace

import pytest

from libs.directory.public import Public
from services.intake.web.qr import qr_svg
from services.intake.web.standing import view_of
from services.intake.web.texts import texts_in
from tests.unit.counter_desk import IN_BRUMEVAL, Desk, release_of
from tests.unit.directory_packs import TERRITORY, codes_found
from tests.unit.directory_packs import release_of as small_release_of

NAMED = """\
public:
  privacy: {fr: "https://small.example/donnees", en: "https://small.example/privacy"}
  legal: https://small.example/legal
often_asked: [lamp, pothole]
"""


def request_page(desk: Desk) -> str:
    sent = {"territory": "val-de-brume", "lang": "en", "service": "road_sign", **IN_BRUMEVAL}
    location: str = desk.client().post("/", data=sent).headers["location"]
    return location


def foot(page: str) -> str:
    return page.partition('<footer class="foot">')[2]


def test_the_form_and_the_page_of_a_request_name_notices_and_telephone() -> None:
    desk = Desk()
    for path in ("/?territory=val-de-brume&lang=en", request_page(desk)):
        page = foot(desk.client().get(path).text)
        assert '<a href="https://val-de-brume.example/en/privacy">Privacy notice</a>' in page
        assert '<a href="https://val-de-brume.example/accessibilite">Accessibility statement</a>' in page
        assert '<a href="https://val-de-brume.example/mentions">Legal notice</a>' in page
        assert '<a href="tel:+33199000010">+33 1 99 00 00 10</a>' in page
    swedish = foot(desk.client().get("/?territory=val-de-brume&lang=sv").text)
    assert "https://val-de-brume.example/sv/uppgifter" in swedish


def test_a_pack_says_what_its_pages_owe_and_is_told_what_is_missing() -> None:
    release = small_release_of(territory=TERRITORY + NAMED)
    public = Public.of(release)
    assert public.notices["privacy"]["fr"] == "https://small.example/donnees"
    assert public.often_asked == ("lamp", "pothole")
    assert public.missing == ["accessibility statement", "telephone number"]
    assert Public.of(release_of("val-de-brume")).missing == []


def test_a_pack_that_names_nothing_keeps_its_version_and_is_told_so() -> None:
    release = small_release_of()
    assert release.content("public") is None
    assert Public.of(release).missing == [
        "privacy notice",
        "accessibility statement",
        "legal notice",
        "telephone number",
    ]


@pytest.mark.parametrize(
    "public",
    [
        "{privacy: 'javascript:alert(1)'}",
        "{privacy: 'small.example/privacy'}",
        "{privacy: {english: 'https://small.example'}}",
        "{telephone: 'ring the bell'}",
        "{telephone: 331990000}",
        "{imprint: 'https://small.example'}",
        "https://small.example",
    ],
)
def test_an_address_that_is_none_is_not_published(public: str) -> None:
    assert codes_found(territory=f"{TERRITORY}public: {public}\n") == ["value-invalid"]


def test_a_subject_often_asked_that_does_not_exist_is_not_published() -> None:
    assert codes_found(territory=TERRITORY + "often_asked: [teleportation]\n") == ["code-unknown"]
    assert codes_found(territory=TERRITORY + "often_asked: lamp\n") == ["value-invalid"]


def test_what_is_often_asked_is_in_view_before_anything_is_typed() -> None:
    page = Desk().client().get("/?territory=val-de-brume&lang=en").text
    before = page.partition('<details class="shelves"')[0]
    assert re.findall(r'name="service" value="([^"]+)"', before) == list(
        Public.of(release_of("val-de-brume")).often_asked
    )
    assert "Often asked here" in before


def test_a_printed_page_bears_its_address_and_a_code_that_leads_back_to_it() -> None:
    desk = Desk()
    client = desk.client()
    location = request_page(desk)
    token = next(iter(desk.kept))
    address = f"https://guichet.example/r/{token}"
    page = client.get(location).text
    assert f'<p class="printed">{address}</p>' in page
    code = client.get(f"/r/{token}/code.svg")
    assert code.headers["content-type"] == "image/svg+xml"
    assert code.headers["cache-control"] == "no-store"
    assert code.content == qr_svg(address) != qr_svg(address + "x")
    assert client.get("/r/" + "x" * 43 + "/code.svg").status_code == 404


def test_a_name_that_exists_in_another_language_only_is_marked_with_it() -> None:
    desk = Desk()
    request_page(desk)
    desk.decide()
    status = next(iter(desk.kept.values()))
    assert status.decision is not None
    department = {**status.decision["department"], "names": {"fr": "Service de la voirie"}}
    status = replace(status, decision={**status.decision, "department": department})
    facts = {one.label: one for one in view_of(status, release_of("val-de-brume"), texts_in("sv")).facts}
    assert (facts["department"].text, facts["department"].spoken) == ("Service de la voirie", "fr")
    assert facts["about"].spoken == ""
