"""Under which names do registers and portals publish what is to be known of a commune?

Names are compared as `plain` writes them: small letters and digits. The first column that holds something counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from libs.directory.shapes import CODE_PROPERTIES
from libs.operate.output import WrongUse

CODE = tuple(name for name in CODE_PROPERTIES if name != "id")
NAME = (
    *(
        "nomcommunecomplet",
        "nom",
        "name",
        "libelle",
        "libgeo",
        "nomcom",
        "comname",
        "nomcommune",
        "nomdelacommune",
        "libellecommune",
    ),
    *(
        "nomstandard",
        "nccenr",
        "nommembre",
        "communename",
        "intitule",
        "nomofficiel",
        "ncc",
        "libcom",
        "commune",
        "ville",
        "municipality",
    ),
)
POSTAL = ("codespostaux", "codepostal", "postalcodes", "postalcode", "cp", "codpostal", "cpostal", "addrpostcode")
POPULATION = ("population", "populationmunicipale", "popmun", "pmun", "ptot", "populationtotale", "poptotale")
DEPARTEMENT = (
    "departement",
    "dep",
    "codedepartement",
    "depcode",
    "codedep",
    "inseedep",
    "coddep",
    "collectiviteoutremer",
)
REGION = ("region", "reg", "coderegion", "regcode", "codereg", "inseereg", "codreg")
DEPARTEMENT_NAME = (
    "departementnom",
    "collectiviteoutremernom",
    "depnom",
    "nomdepartement",
    "nomdep",
    "libdep",
    "depname",
)
REGION_NAME = ("regnom", "nomregion", "nomreg", "libreg", "regname", "regionnom")
GROUPING = ("epci", "codeepci", "sirenepci", "epcicode", "codesirenepci", "epcisiren")
GROUPING_NAME = ("epcinom", "nomepci", "libepci", "epciname", "raisonsociale", "nomgroupement")
WHOLE = ("cheflieu", "commune", "comparent", "communeparente", "codecommuneparente", "comcheflieu")
FORMER = ("ancienscodes", "anciencode", "codesanciens", "formercodes")
TYPE = ("type", "typecom", "typecommune")
ENDED = ("datefin", "validto", "datesuppression")
SIREN = ("siren", "sirenmembre", "sirencommune", "codesiren")

# What the columns of type call a part, and what is no commune at all.
PARTS = {
    *("arm", "arrondissementmunicipal", "comd", "communedeleguee", "coma", "communeassociee"),
    *("communedelegueeouassociee", "communedelegueeassociee"),
}
NO_COMMUNE = {"departement", "dep", "region", "reg", "epci", "canton", "arrondissement", "iris", "quartier", "pays"}


def require(rows: Sequence[Mapping[str, Any]], source: str, wanted: Mapping[str, Sequence[str]]) -> None:
    """`WrongUse` when none of the columns is there that hold something wanted: rows are never dropped in silence."""
    present = columns_of(rows)
    missing = {what: names for what, names in wanted.items() if not present & set(names)}
    if missing:
        looked_for = "; ".join(f"{what} ({', '.join(names)})" for what, names in missing.items())
        raise WrongUse(
            f"{source} lacks a column. Looked for: {looked_for}. It has: {', '.join(sorted(present)) or 'none'}. "
            "Capitals, accents, spaces and dashes do not matter; rename one of its columns."
        )


def columns_of(rows: Iterable[Mapping[str, Any]]) -> set[str]:
    """All column names; rows of JSON need not have the same."""
    return {name for row in rows for name in row}
