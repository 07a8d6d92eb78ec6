"""What did intake read in a description before it sealed it, for those who decide without a key?"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from libs.events.fields import GUESSES_MAX, Code, Confidence


class Guess(BaseModel):
    """A service that the text may be about, and how likely that is."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    service: Code
    confidence: Confidence


class Reading(BaseModel):
    """Codes and numbers only, never words of the text. `release` holds the urgent words and the classifier used."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    release: Code
    urgent: Code | None = None
    guesses: Annotated[list[Guess], Field(max_length=GUESSES_MAX)] = Field(default_factory=list)
