"""What can be wrong with a pack, how bad is it, and what should its author do?"""

from dataclasses import asdict, dataclass
from typing import Literal

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that its author should look at. An error keeps the pack from being published."""

    file: str
    line: int
    code: str
    message: str
    level: Level
    remedy: str

    def as_dict(self) -> dict[str, str | int]:
        """For `--json`."""
        return asdict(self)


# code: (level, remedy). A code is stable: scripts and CI rely on it.
KINDS: dict[str, tuple[Level, str]] = {
    "file-missing": ("error", "add the file; libs/directory/README.md lists what a pack holds"),
    "file-unreadable": ("error", "correct the syntax at this place"),
    "file-unknown": ("warning", "remove the file or correct its name: nothing reads it"),
    "column-missing": ("error", "add the column to the header line"),
    "column-unknown": ("warning", "remove the column or correct its name: nothing reads it"),
    "cells-surplus": ("error", "quote cells that contain a comma"),
    "yaml-unquoted": (
        "warning",
        "quote it where it is text, such as “no”; write true or false, or a number in digits, else",
    ),
    "choice-impossible": (
        "error",
        "write the choice as its question's type says: quote a text, leave a number without",
    ),
    "field-unknown": ("warning", "remove the field or correct its name: nothing reads it"),
    "value-missing": ("error", "fill in the value"),
    "value-invalid": ("error", "correct the value"),
    "name-missing": ("warning", "give a name in every language of the territory"),
    "code-twice": ("error", "give each entry its own code, or separate them by validity dates"),
    "code-unknown": ("error", "correct the code, or add the entry that it names"),
    "code-ambiguous": ("error", "use a code that names one municipality only"),
    "calendar-unknown": ("error", "use a country and subdivision that the package `holidays` knows"),
    "calendar-part-missing": ("warning", "add `subdivision:` with the part that the territory lies in to the calendar"),
    "condition-invalid": ("error", "write conditions as: answer op value and answer op value, with op = != < <= > >="),
    "condition-unasked": ("error", "add the question to the service, or correct the answer's name"),
    "condition-never-met": ("warning", "correct the value, or add it to the question's choices"),
    "questions-invalid": ("error", "write the questions as a JSON Schema object with `properties`"),
    "question-unasked": ("error", "add the question to `properties`, or take it out of `required`"),
    "question-unaskable": ("warning", "use a kind of question that the counter page can ask (README.md lists them)"),
    "rules-equal": (
        "error",
        "give one of the rules a higher priority, or make their conditions exclude each other",
    ),
    "rule-shadowed": ("warning", "remove the rule, or raise its priority; it is asked only after a refusal"),
    "rule-nowhere": ("warning", "correct where or when the rule holds, or remove it"),
    "service-unexamined": ("warning", "use fewer conditions: nobody can tell what these rules do together"),
    "service-none": ("warning", "add services: nothing can be asked for"),
    "rule-never-valid": ("warning", "correct the dates: valid_to lies before valid_from"),
    "rule-without-department": (
        "error",
        "give the authority a department of that role, or of the role accueil",
    ),
    "pair-uncovered": (
        "warning",
        "add a rule without condition for these places or for the whole territory, or say in uncovered.csv why not",
    ),
    "explanation-unneeded": ("warning", "remove the line: it would hide a hole that opens later"),
    "golden-failed": ("error", "correct the rules; or the case, when the new answer is the right one"),
    "endpoint-missing": ("warning", "give the department an email or a webhook, or it will never hear of a request"),
    "place-missing": ("warning", "add the outline: points there are out of territory (guichet directory boundaries)"),
    "geometry-invalid": ("error", "repair the outline; `guichet directory boundaries PACK --from FILE` does it"),
    "geometry-missing": ("warning", "remove the feature, or give it a geometry"),
    "boundary-gap": ("warning", "move the outlines together: a point in the gap belongs to nobody"),
    "boundary-overlap": (
        "warning",
        "move the outlines apart: a point in the overlap goes to the lower code; where borders change on a day, give "
        "what is before and after it `valid_to` and `valid_from`",
    ),
    "distance-imprecise": ("warning", "split the territory: it is too tall for distances good to one percent"),
    "safety-missing": ("error", "say under `safety`, in every language, what to do at once"),
    "language-unknown": ("warning", "use a language of the territory: nothing reads the others"),
    "classifier-missing": ("warning", "make one: guichet directory train PACK"),
    "classifier-stale": ("warning", "make a new one: guichet directory train PACK"),
    "layer-unused": ("warning", "name the layer in a rule, or remove it"),
    "postal-nobody": ("warning", "name the municipality that has this code, or remove the line"),
    "endpoint-unresolved": ("warning", "correct the address: no server of that name takes mail or calls"),
    "postal-missing": ("warning", "add the municipality's postal code: it cannot be found by one"),
}


def found(code: str, file: str, line: int, message: str) -> Finding:
    """A finding of a known kind."""
    level, remedy = KINDS[code]
    return Finding(file, line, code, message, level, remedy)
