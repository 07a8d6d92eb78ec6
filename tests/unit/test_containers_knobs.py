"""Is a variable that nobody reads told, with what was probably meant?"""

import pytest

from libs.operate.containers.knobs import knobs, refuse_unknown
from libs.service.settings import SettingsWrong


def test_every_knob_and_what_the_engine_adds_may_be_set() -> None:
    refuse_unknown([knob.name for knob in knobs() if not knob.is_decided])
    refuse_unknown(["PATH", "HOSTNAME", "PYTHON_VERSION", "COMPOSE_PROJECT_NAME", "HTTPS_PROXY", "no_proxy"])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("INTAK_ANONYMOUS_BURST", "did you mean INTAKE_ANONYMOUS_BURST"),
        ("GUICHET_PUBLISH_PRT", "did you mean GUICHET_PUBLISH_PORT"),
        ("SOMETHING_ELSE", ".env.example names all that there are"),
        ("GUICHET_POSTGRES_DSN", "is decided by deploy/compose.yaml"),
        ("AUDIT_KEY_FILE", "is decided by deploy/compose.yaml"),
    ],
)
def test_what_is_no_knob_is_told_with_the_remedy(name: str, said: str) -> None:
    with pytest.raises(SettingsWrong, match=said) as refused:
        refuse_unknown(["PATH", name])
    assert str(refused.value).startswith(name)
    assert "\n" not in str(refused.value)
