"""Are the bytes of a framed object those of the whole one, in both orders?"""

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from libs.directory.written import HOLE, Frame, Written, listed, text, write

ANYTHING = st.none() | st.booleans() | st.floats(allow_nan=False) | st.text() | st.lists(st.text(), max_size=3)
TEXTS = st.dictionaries(st.text(max_size=3), st.text(), max_size=3)


def whole(fields: dict[str, Any]) -> Written:
    return write({name: value for name, value in fields.items() if value is not None})


@given(st.dictionaries(st.text(max_size=4), ANYTHING, max_size=6), TEXTS, st.text(), st.lists(TEXTS, max_size=3))
def test_a_filled_frame_is_the_object_itself(around: dict[str, Any], one: Any, said: str, several: list[Any]) -> None:
    """Also where a text holds what looks like a hole, or like a place for a value."""
    own = {"zone": one, "a name": said, "many": several}
    fields = {**dict(list(around.items())[:3]), **own, **around, **own}
    holes = [name for name in fields if name in own]
    frame = Frame(fields | {"zone": HOLE, "a name": HOLE, "many": [HOLE]}, holes)
    parts = {"zone": write(one), "a name": text(said), "many": listed([write(each) for each in several])}
    assert frame.fill([parts[name] for name in holes]) == whole(fields)


def test_a_frame_can_be_filled_many_times() -> None:
    frame = Frame({"b": "100 % \x00 %b", "a": HOLE}, ["a"])
    for said in ("one", "two"):
        declared, canonical = frame.fill([text(said)])
        assert orjson.loads(declared) == orjson.loads(canonical) == {"b": "100 % \x00 %b", "a": said}
        assert declared.startswith(b'{"b"')
        assert canonical.startswith(b'{"a"')
