"""Do the READMEs say the settings that there are?"""

from pathlib import Path

import pytest
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from libs.service.settings_table import BEGIN, END, class_beside, table, with_table

ROOT = Path(__file__).parents[2]
READMES = [ROOT / "services" / name / "README.md" for name in ("intake", "router", "notifier", "audit")]
READMES.append(ROOT / "libs" / "service" / "README.md")


class Example(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="EXAMPLE_")

    pace_seconds: float = Field(1.5, description="this | that")
    file: str = Field(description="must be given")
    names: tuple[str, ...] = Field((), description="a list")
    secret: SecretStr = Field(SecretStr("hidden"), description="never shown")
    is_loud: bool = Field(False, description="a switch")


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.parent.name)
def test_a_readme_has_the_table_of_its_settings(readme: Path) -> None:
    text = readme.read_text(encoding="utf-8")
    path = readme.relative_to(ROOT)
    assert with_table(text, class_beside(readme)) == text, f"run python -m libs.service.settings_table {path}"


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.parent.name)
def test_every_setting_says_what_it_is_for(readme: Path) -> None:
    fields = class_beside(readme).model_fields
    assert [name for name, field in fields.items() if not field.description] == []


def test_a_table_has_one_line_for_each_variable() -> None:
    rows = table(Example).splitlines()[2:]
    assert rows == [
        "| `EXAMPLE_PACE_SECONDS` | `1.5` | this \\| that |",
        "| `EXAMPLE_FILE` | (required) | must be given |",
        "| `EXAMPLE_NAMES` | `[]` | a list |",
        "| `EXAMPLE_SECRET` | (none) | never shown |",
        "| `EXAMPLE_IS_LOUD` | `false` | a switch |",
    ]


def test_what_stands_around_the_table_is_left_alone() -> None:
    text = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    made = with_table(text, Example)
    assert made.startswith(f"before\n{BEGIN}\n| variable")
    assert made.endswith(f"{END}\nafter\n")
    assert "old" not in made
    assert with_table(made, Example) == made


def test_a_readme_without_a_place_for_the_table_is_told() -> None:
    with pytest.raises(ValueError, match="settings:begin"):
        with_table("no markers", Example)
