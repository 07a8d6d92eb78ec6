"""Is a service of a list a report, a request, a question or a complaint?"""

import re
from collections.abc import Mapping

from libs.directory.model import SERVICE_KINDS
from libs.operate.importing.tables import plain

KIND = ("kind", "type", "nature", "categorie", "category")
KINDS = {
    **dict.fromkeys(("signalement", "signaler", "incident", "anomalie", "felanmalan"), "report"),
    **dict.fromkeys(("demande", "demarche", "formulaire", "ansokan", "application", "bestallning"), "request"),
    **dict.fromkeys(("question", "renseignement", "information", "fraga"), "question"),
    **dict.fromkeys(("plainte", "reclamation", "klagomal"), "complaint"),
}
# How words begin that name something one asks for. Everything else is most often something that is wrong somewhere.
SAID: tuple[tuple[str, str], ...] = (
    ("complaint", r"plainte|réclamation|complaint|klagomål"),
    ("question", r"question|renseignement|information|fråg|horaires"),
    (
        "request",
        r"actes?\b|état civil|naissance|mariage|pacs|décès|extrait|copie|certificat|attestation|carte|passeport|permis|"
        r"inscription|inscrire|demande|autorisation|dossier|rendez-vous|réserv|location|aide|allocation|logement|"
        r"cimetière|concession|subvention|crèche|cantine|abonnement|adhésion|prêt|déclaration|"
        r"certificate|birth|marriage|passport|permit|licence|license|registration|register|application|apply|"
        r"appointment|booking|grant|housing|allowance|enrol|"
        r"bevis|intyg|tillstånd|ansökan|ansök|anmälan till|bokning|bidrag|pass\b",
    ),
)
PATTERNS = tuple((kind, re.compile(rf"(?<!\w)(?:{words})", re.IGNORECASE)) for kind, words in SAID)
REPORT = "report"


def kind_said(text: str) -> str | None:
    """What a cell says; None for nothing, or nothing that is understood."""
    kind = plain(text)
    kind = KINDS.get(kind) or KINDS.get(kind.removesuffix("s")) or kind
    return kind if kind in SERVICE_KINDS else None


def guessed_kind(names: Mapping[str, str]) -> str:
    """By its names; a person looks at it again."""
    said = " · ".join(names.values())
    return next((kind for kind, pattern in PATTERNS if pattern.search(said)), REPORT)
