"""Are these opening hours that OpenStreetMap's readers understand?

Its grammar has some forty kinds of words (wiki.openstreetmap.org/wiki/Key:opening_hours/specification). Told apart are
these words, not every order in which they may stand: what is refused is sure to be understood by nobody.
"""

import re

UNDERSTOOD = "Mo-Fr 08:00-12:00,13:30-17:00; Sa 09:00-12:00; PH off"
DAY = r"(?:Mo|Tu|We|Th|Fr|Sa|Su)"
MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
TIME = r"(?:[0-3]?\d|4[0-8]):[0-5]\d"  # 26:00 is two in the morning after
SUN = r"(?:dawn|sunrise|sunset|dusk)"
MOMENT = rf"(?:{TIME}|{SUN}|\({SUN}[+-]{TIME}\))"
SPAN = rf"{MOMENT}(?:\s*-\s*{MOMENT}\+?(?:/\d+|/{TIME})?|\+)"
OFFSET = r"(?:\s*[+-]\d{1,3} days?)"
DATE = rf"(?:(?:\d{{4}} )?{MONTH}(?: \d{{1,2}})?|(?:\d{{4}} )?easter){OFFSET}?"
WORDS = (
    r"24/7",
    rf"{SPAN}(?:\s*,\s*{SPAN})*",
    rf"(?:{DAY}|PH|SH)(?:\[-?\d(?:[-,]-?\d)*\])?{OFFSET}?(?:-{DAY}\b)?",
    rf"{DATE}(?:\s*-\s*(?:{DATE}|\d{{1,2}}(?!\d|:)))?\+?",
    r"\d{4}(?:-\d{4}|\+)?(?:/\d+)?(?=\s)",
    r"week \d{1,2}(?:-\d{1,2}(?:/\d+)?)?(?:,\d{1,2}(?:-\d{1,2})?)*",
    r"off|closed|open|unknown",
    r'"[^"]*"',
)
RULE = re.compile(rf"\s*(?:{'|'.join(f'(?:{word})' for word in WORDS)})(?=[\s,:\"]|$)")
BETWEEN = re.compile(r"\s*[,:]?\s*|\s+")


def is_understood(text: str) -> bool:
    """Rules one after another, each of words that are known."""
    return all(_is_rule(rule) for rule in re.split(r"\s*;\s*|\s*\|\|\s*", text.strip().removesuffix(";")))


def _is_rule(rule: str) -> bool:
    place = 0
    while word := RULE.match(rule, place):
        place = word.end()
        if place == len(rule):
            return True
        between = BETWEEN.match(rule, place)
        place = between.end() if between else place
    return False
