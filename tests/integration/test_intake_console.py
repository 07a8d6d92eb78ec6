"""Can a person at a desk log in, find what waits and give it to a department, and can nobody else?"""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.intake.web.staff.session import COOKIE
from tests.integration.staff_parts import IDLE_SECONDS, Browser, Office, an_office, entry
from tests.stack import FreshDatabase

UNKNOWN = "019ab0c2-7000-7000-8000-00000000ffff"
ACROSS = {"sec-fetch-site": "cross-site"}


@pytest.fixture
async def office(fresh_database: FreshDatabase, tmp_path: Path) -> AsyncIterator[Office]:
    async with an_office(fresh_database.dsn, tmp_path) as office:
        yield office


@pytest.fixture
async def anna(office: Office) -> AsyncIterator[Browser]:
    async with office.browser() as browser:
        assert (await browser.logs_in()).status_code == 303
        yield browser


# -- the door ----------------------------------------------------------------------------------------------------------


async def test_the_cookie_is_for_the_desks_pages_only_and_out_of_reach_of_scripts(office: Office) -> None:
    async with office.browser() as browser:
        answer = await browser.logs_in()
        assert (answer.status_code, answer.headers["location"]) == (303, "/triage")
        cookie = answer.headers["set-cookie"]
        for part in (f"{COOKIE}=", "HttpOnly", "SameSite=strict", "Path=/triage", f"Max-Age={IDLE_SECONDS}"):
            assert part in cookie
        assert "gk_" not in cookie
        assert (await browser.get("/triage")).status_code == 200


@pytest.mark.parametrize("key", ["gk_nobody", "", "gk_reader", "x" * 5_000])
async def test_a_key_that_is_wrong_or_for_something_else_opens_nothing(office: Office, key: str) -> None:
    async with office.browser() as browser:
        answer = await browser.post("/triage/login?lang=en", data={"key": key})
        assert answer.status_code == 403
        assert "may not be used at the desk" in answer.text
        assert "set-cookie" not in answer.headers
        assert key == "" or key not in answer.text


async def test_whoever_tries_many_keys_must_wait(office: Office) -> None:
    async with office.browser() as browser:
        answers = [(await browser.post("/triage/login", data={"key": f"gk_{n}"})).status_code for n in range(25)]
    assert answers == [403] * 20 + [429] * 5


@pytest.mark.parametrize("path", ["/triage", f"/triage/{UNKNOWN}", f"/triage/{UNKNOWN}?lang=fr&territory=small"])
async def test_who_is_not_logged_in_sees_the_door_and_then_where_they_wanted_to_go(office: Office, path: str) -> None:
    async with office.browser() as browser:
        page = await browser.get(path)
        assert page.status_code == 401
        assert f'value="{path}"'.replace("&", "&amp;") in page.text
        assert (await browser.logs_in(wanted=path)).headers["location"] == path


@pytest.mark.parametrize("wanted", ["https://elsewhere.example/triage", "//elsewhere.example", "/r/secret", "triage"])
async def test_logging_in_leads_nowhere_else(office: Office, wanted: str) -> None:
    async with office.browser() as browser:
        assert (await browser.logs_in(wanted=wanted)).headers["location"] == "/triage"


async def test_a_link_in_a_mail_is_followed_once_more_from_here(office: Office) -> None:
    """A strict cookie is not sent with a link from another site, and the person is logged in all the same."""
    path = f"/triage/{UNKNOWN}?lang=en"
    async with office.browser() as browser:
        page = await browser.get(path, headers=ACROSS)
        assert f'http-equiv="refresh" content="0; url={path}"' in page.text
        assert (await browser.get(path, headers={"sec-fetch-site": "same-origin"})).status_code == 401


async def test_a_session_ends_with_time_with_the_key_and_on_leaving(office: Office, anna: Browser) -> None:
    request = await office.request()
    form = await anna.form_of(f"/triage/{request.request_id}")
    office.ahead = timedelta(seconds=IDLE_SECONDS + 1)
    assert (await anna.get("/triage")).status_code == 401
    office.ahead = timedelta()
    assert (await anna.post("/triage/logout", data={"form": "0" * 32})).headers["location"] == "/triage"
    left = await anna.post("/triage/logout", data={"form": form})
    assert left.headers["location"].startswith("/triage/login?left=1")
    assert (await anna.get("/triage")).status_code == 401


async def test_a_revoked_key_ends_the_session_at_the_next_click(office: Office) -> None:
    async with office.browser() as browser:
        await browser.logs_in()
        cookie = browser.cookies.get(COOKIE)
    office.write_keys(entry("bertil", "triage"))
    async with office.browser() as later:  # another process, or a second later
        later.cookies.set(COOKIE, cookie or "", path="/triage")
        assert (await later.get("/triage")).status_code == 401


async def test_every_page_forbids_what_it_does_not_need(office: Office, anna: Browser) -> None:
    request = await office.request()
    for path in ("/triage", f"/triage/{request.request_id}", "/triage/login", f"/triage/{UNKNOWN}"):
        headers = (await anna.get(path)).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert (headers["cache-control"], headers["referrer-policy"]) == ("no-store", "no-referrer")


# -- the list ----------------------------------------------------------------------------------------------------------


async def test_the_list_shows_what_waits_and_nothing_that_was_written(office: Office, anna: Browser) -> None:
    first = await office.request("n-1", description="the canary sings at number 7")
    second = await office.request("n-2", service=None)
    page = (await anna.get("/triage?lang=en")).text
    assert page.index(first.reference) < page.index(second.reference)
    assert "Street light out" in page
    assert "Close to a border" in page
    assert "Subject not said" in page
    assert "canary" not in page
    narrowed = (await anna.get("/triage?lang=en&why=outcome.unclear")).text
    assert second.reference in narrowed
    assert first.reference not in narrowed
    assert "Nothing is waiting that fits" in (await anna.get("/triage?lang=en&age=168")).text


async def test_a_long_list_has_pages(office: Office, anna: Browser) -> None:
    references = [(await office.request(f"n-{number}")).reference for number in range(51)]
    first = (await anna.get("/triage?lang=en")).text
    assert "51 wait" in first
    assert references[49] in first
    assert references[50] not in first
    href = first.split('class="button button-quiet" href="')[1].split('"')[0].replace("&amp;", "&")
    assert references[50] in (await anna.get(href)).text


async def test_a_key_for_one_territory_sees_no_other(office: Office) -> None:
    request = await office.request()
    async with office.browser() as browser:
        await browser.logs_in("bertil")
        assert "Nothing is waiting" in (await browser.get("/triage?lang=en")).text
        hidden = await browser.get(f"/triage/{request.request_id}?lang=en")
        unknown = await browser.get(f"/triage/{UNKNOWN}?lang=en")
        assert (hidden.status_code, unknown.status_code) == (404, 404)
        assert hidden.text.replace(str(request.request_id), "") == unknown.text.replace(str(unknown.url), "")
        assert await office.intake.number_of("intake.openings") == 0


# -- choosing ----------------------------------------------------------------------------------------------------------


async def assigned(browser: Browser, request: Any, **fields: str) -> Any:
    path = f"/triage/{request.request_id}"
    return await browser.post(f"{path}/assign?lang=en", data={"form": await browser.form_of(path), **fields})


async def test_a_request_is_read_and_given_to_a_department(office: Office, anna: Browser) -> None:
    request = await office.request(description="dark since <Monday>", contact={"email": "canary@citizen.example"})
    page = (await anna.get(f"/triage/{request.request_id}?lang=en")).text
    assert "dark since &lt;Monday&gt;" in page
    assert "canary" not in page
    assert page.index("Aval town hall") < page.index("Bourg town hall") < page.index("Another department")
    answer = await assigned(anna, request, department="aval-accueil", service="lamp", comment="yours")
    assert answer.status_code == 303
    assert f"{request.reference} was given to Aval town hall." in (await anna.get(answer.headers["location"])).text
    await office.decided()
    assert await office.stands(request) == ("routed", "aval-accueil")


async def test_lines_of_a_comment_count_as_the_browser_counts_them(office: Office, anna: Browser) -> None:
    request = await office.request()
    comment = "\r\n".join(["x" * 99] * 10)  # 999 characters for the person who typed it
    answer = await assigned(anna, request, department="aval-accueil", service="lamp", comment=comment)
    assert answer.status_code == 303


async def test_any_department_at_work_can_be_chosen_from_the_list(office: Office, anna: Browser) -> None:
    request = await office.request()
    answer = await assigned(anna, request, department="?", other="state-roads", service="lamp")
    assert answer.status_code == 303
    await office.decided()
    assert await office.stands(request) == ("routed", "state-roads")


async def test_another_subject_shows_other_owners_and_changes_nothing(office: Office, anna: Browser) -> None:
    request = await office.request(service=None)
    answer = await assigned(anna, request, step="look", service="pothole", comment="a word to keep")
    assert answer.status_code == 200
    assert "The rules name it today" in answer.text
    assert "a word to keep" in answer.text
    assert await office.stands(request) == ("held", "metro-accueil")


@pytest.mark.parametrize(
    ("fields", "status", "says"),
    [
        ({"service": "lamp"}, 422, "Choose a department"),
        ({"service": "lamp", "department": "nobody"}, 422, "This department is not at work here"),
        ({"department": "aval-accueil"}, 422, "Choose a subject"),
        ({"service": "lamp", "department": "aval-accueil", "comment": "x" * 1_001}, 422, "at most 1000 characters"),
    ],
)
async def test_a_mistake_is_shown_beside_its_field_and_what_was_typed_stays(
    office: Office, anna: Browser, fields: dict[str, str], status: int, says: str
) -> None:
    request = await office.request(service=None)
    answer = await assigned(anna, request, **({"comment": "please look"} | fields))
    assert answer.status_code == status
    assert answer.text.count(says) >= 1
    assert 'role="alert"' in answer.text
    assert fields.get("comment", "please look") in answer.text
    assert await office.stands(request) == ("held", "metro-accueil")


async def test_whoever_comes_second_is_told_that_it_has_moved_on(office: Office, anna: Browser) -> None:
    request = await office.request()
    form = await anna.form_of(f"/triage/{request.request_id}")
    await assigned(anna, request, department="bourg-accueil", service="lamp")
    late = await anna.post(
        f"/triage/{request.request_id}/assign?lang=en",
        data={"form": form, "department": "aval-accueil", "service": "lamp"},
    )
    assert late.status_code == 409
    assert "has moved on meanwhile" in late.text
    await office.decided()
    page = (await anna.get(f"/triage/{request.request_id}?lang=en")).text
    assert "this request is with Bourg town hall" in page


@pytest.mark.parametrize("what", ["assign", "close"])
@pytest.mark.parametrize("trick", ["no token", "another login's token", "another site"])
async def test_no_other_site_can_choose_in_a_persons_name(office: Office, anna: Browser, what: str, trick: str) -> None:
    request = await office.request()
    path = f"/triage/{request.request_id}"
    async with office.browser() as other:
        await other.logs_in("operator")
        stolen = await other.form_of(path)
    form = {"no token": "", "another login's token": stolen, "another site": await anna.form_of(path)}[trick]
    fields = {"department": "aval-accueil", "service": "lamp", "outcome_code": "solved", "note": "done"}
    headers = ACROSS if trick == "another site" else {}
    answer = await anna.post(f"{path}/{what}?lang=en", data={"form": form, **fields}, headers=headers)
    assert answer.status_code == 403
    assert await office.stands(request) == ("held", "metro-accueil")


async def test_the_desk_itself_can_answer_the_citizen(office: Office, anna: Browser) -> None:
    request = await office.request()
    path = f"/triage/{request.request_id}"
    form = await anna.form_of(path)
    missing = await anna.post(f"{path}/close?lang=en", data={"form": form})
    assert missing.status_code == 422
    assert "Tell the citizen why" in missing.text
    fields = {"outcome_code": "no_action", "note": "the lamp is off at night on purpose"}
    answer = await anna.post(f"{path}/close?lang=en", data={"form": form, **fields})
    assert f"{request.reference} was answered and closed." in (await anna.get(answer.headers["location"])).text
    assert await office.stands(request) == ("resolved", "metro-accueil")
    again = await anna.post(f"{path}/close?lang=en", data={"form": form, **fields})
    assert again.status_code == 409


async def test_the_console_speaks_the_languages_of_the_territories(office: Office, anna: Browser) -> None:
    request = await office.request()
    page = (await anna.get(f"/triage/{request.request_id}?lang=fr")).text
    assert 'lang="fr"' in page
    assert "Mairie d&#39;Aval" in page
    assert "Svenska" not in page  # the small territory speaks French and English
    assert 'lang="en"' in (await anna.get("/triage", headers={"accept-language": "en"})).text
