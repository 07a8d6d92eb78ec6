"""How does a request say where it is, and who hands it in?"""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from libs.events.fields import Address, Code, Name
from libs.events.given import GivenAddress, GivenCode, GivenEmail, GivenName, GivenPersonName, GivenPhone

ACCURACY_METRES_MAX = 1_000_000.0  # a circle larger than a country locates nothing
LOCATING_FIELDS = ("lat", "municipality_code", "postal_code", "municipality_name", "address")

Latitude = Annotated[float, Field(ge=-90, le=90, strict=True, description="degrees north, CRS84")]
Longitude = Annotated[float, Field(ge=-180, le=180, strict=True, description="degrees east, CRS84")]
Metres = Annotated[
    float, Field(ge=0, le=ACCURACY_METRES_MAX, strict=True, description="radius of the position, metres")
]

# `anyOf` inside `allOf`: beside the properties, generators of models take the ways for so many models without a field.
WHERE_RULES: JsonDict = {
    "dependentRequired": {"lat": ["lon"], "lon": ["lat"]},
    "allOf": [{"anyOf": [{"required": [field]} for field in LOCATING_FIELDS]}],
}


class Place(BaseModel):
    """At least one field that locates; coordinates come in pairs."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False, json_schema_extra=WHERE_RULES)

    lat: Latitude | None = None
    lon: Longitude | None = None
    accuracy_m: Metres | None = None
    municipality_code: Code | None = None
    postal_code: Code | None = None
    municipality_name: Name | None = None
    address: Address | None = None

    @model_validator(mode="after")
    def _locates(self) -> Self:
        if (self.lat is None) != (self.lon is None):
            raise ValueError("give lat and lon together, or neither")
        if self.lat is None and not (
            self.municipality_code or self.postal_code or self.municipality_name or self.address
        ):
            raise ValueError("say where: lat and lon, municipality_code, postal_code, municipality_name or address")
        return self


class PlaceGiven(Place):
    """A place as someone hands it in: a misspelt field is told, not ignored."""

    model_config = ConfigDict(extra="forbid")

    municipality_code: GivenCode | None = None
    postal_code: GivenCode | None = None
    municipality_name: GivenName | None = None
    address: GivenAddress | None = None


class Contact(BaseModel):
    """Whom to answer. Travels sealed; only intake and the notifier see it open, and who deals with the request when the
    person agreed. Without that, name and telephone have no use and are not kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: GivenPersonName | None = None
    email: GivenEmail | None = None
    phone: GivenPhone | None = None
    may_be_asked: Annotated[
        bool | None,
        Field(strict=True, description="whether who deals with the request may use name, phone and email to ask"),
    ] = None
