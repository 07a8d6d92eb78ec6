"""Is the place under a pixel of the counter's map the place that a person sees there?"""

import re
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.directory import Where, locate
from services.intake.web.labels import CHARACTER_WIDTH, SCALES, placed
from services.intake.web.map import IMAGE_WIDTH, STEPS_MAX, Map, map_of
from tests.unit.counter_desk import Desk, release_of


def drawing() -> Map:
    found = map_of(release_of("val-de-brume"), "sv")
    assert found is not None
    return found


@given(st.floats(46.68, 46.82), st.floats(2.70, 2.94))
def test_a_place_and_its_pixel_are_each_others(lat: float, lon: float) -> None:
    back = drawing().place(*drawing().pixel(lat, lon))
    assert back == pytest.approx((lat, lon), abs=1e-5)


def test_each_name_stands_in_its_municipality() -> None:
    release = release_of("val-de-brume")
    for outline in drawing().outlines:
        lat, lon = drawing().place(outline.label.x, outline.label.y)
        assert locate(release, Where(lat=lat, lon=lon)).municipality == outline.code


def test_names_never_lie_on_each_other_and_all_are_shown_in_the_end() -> None:
    labels = placed([(name, 300 + 7 * at, 200 + 5 * at) for at, name in enumerate(["Ars", "Bourg-le-Haut"] * 6)], 640)
    assert labels[0].from_scale == 1
    assert labels[1].from_scale > 1
    for scale in SCALES[:-1]:
        shown = [label for label in labels if label.from_scale <= scale]
        assert not any(one.meets(other, scale) for one, other in combinations(shown, 2))


def test_a_name_at_the_edge_is_not_cut_off() -> None:
    (label,) = placed([("Saint-Aubin-les-Bois", 630, 50)], 640)
    assert label.x + len(label.text) * CHARACTER_WIDTH / 2 <= 640


def test_an_enclave_is_drawn_after_the_municipality_around_it() -> None:
    order = [outline.code for outline in drawing().outlines]
    assert order.index("VB06") > order.index("VB01")


@given(st.floats(0, IMAGE_WIDTH), st.floats(0, 150))
def test_a_click_stays_where_it_was_while_the_map_comes_closer(x: float, y: float) -> None:
    window = drawing().whole
    for _ in range(STEPS_MAX + 2):
        place = drawing().clicked(window, x, y)
        window = drawing().closer(window, *place)
        seen = drawing().pixel(*place)
        assert window.x <= seen[0] <= window.x + window.width
        assert window.y <= seen[1] <= window.y + window.height
    assert window.width == pytest.approx(drawing().whole.width / 4**STEPS_MAX)


@pytest.mark.parametrize("text", ["", "1,2,3", "a,b,c,d", "nan,0,10,10", "0,0,-5,5", "0,0,1e9,5", "0,0,0,0"])
def test_a_window_that_makes_no_sense_is_the_whole_map(text: str) -> None:
    assert drawing().window(text) == drawing().whole


def test_the_image_shows_the_marker_and_asks_for_nothing() -> None:
    answer = Desk().client().get("/map/val-de-brume.svg?lat=46.765&lon=2.80&window=100,100,160,120")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert 'viewBox="100 100 160 120"' in answer.text
    assert answer.text.count("<path") == 7
    assert not re.search(r"<script|<style|href=", answer.text)


def test_a_territory_without_boundaries_has_no_map() -> None:
    assert map_of(release_of("bordeaux-metropole"), "fr") is None
    assert Desk().client().get("/map/bordeaux-metropole.svg").status_code == 404
