"""In which words is each notice said? One template for each kind and language; the HTML shows the same text.

The first line of a template is the subject, an empty line follows, then the text. The text is always sent; the HTML
part is made from its paragraphs, so that the two never say different things.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from services.notifier.rules import LANGUAGES, Kind

FOLDER = Path(__file__).parents[1] / "templates"
SUBJECT = "Subject: "
KINDS: tuple[Kind, ...] = get_args(Kind)
# Facts that are addresses. A paragraph that is one becomes a link in the HTML, under these words.
LINKS: Mapping[str, Mapping[str, str]] = {
    "link": {"en": "Follow the request", "fr": "Suivre la demande", "sv": "Följ ärendet"},
    "answer_link": {"en": "Answer", "fr": "Répondre", "sv": "Svara"},
    "console_link": {"en": "Open at the desk", "fr": "Ouvrir au bureau d’orientation", "sv": "Öppna vid disken"},
    "map_link": {"en": "See it on a map", "fr": "Voir sur une carte", "sv": "Visa på en karta"},
}


@dataclass(frozen=True, slots=True)
class Words:
    """A letter, before it is packed for a channel."""

    subject: str
    text: str
    html: str


class Templates:
    """All templates, compiled once. A name that a template uses and nobody gives is an error, not a gap."""

    def __init__(self, folder: Path = FOLDER) -> None:
        loader = FileSystemLoader(folder)
        # Plain text is not escaped; the HTML part has an environment of its own that escapes everything.
        plain = Environment(loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)  # noqa: S701
        marked_up = Environment(loader=loader, undefined=StrictUndefined, autoescape=True)
        self._texts: Mapping[tuple[str, str], Template] = {
            (kind, language): plain.get_template(f"{language}/{kind}.txt") for kind in KINDS for language in LANGUAGES
        }
        self._html = marked_up.get_template("letter.html")

    def write(self, kind: Kind, language: str, facts: Mapping[str, Any]) -> Words:
        """Subject, text and HTML. KeyError for a language there are no templates in."""
        head, _, body = self._texts[kind, language].render(facts).partition("\n\n")
        subject = " ".join(head.removeprefix(SUBJECT).split())  # one line, whatever a name in the directory holds
        paragraphs = [paragraph for part in body.split("\n\n") if (paragraph := part.strip())]
        text = "\n\n".join(paragraphs) + "\n"
        links = {facts[name]: words[language] for name, words in LINKS.items()}
        html = self._html.render(language=language, subject=subject, paragraphs=paragraphs, links=links)
        return Words(subject, text, html)
