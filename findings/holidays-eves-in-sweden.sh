#!/usr/bin/env bash
# One would guess: a newer release of a calendar library adds holidays of later years and leaves those of a given year alone; and a category
# that was once the right one to ask for stays it.
# So it is: holidays 0.85 has Midsummer Eve, Christmas Eve and New Year's Eve among Sweden's days; 0.86 has them in the categories `bank`
# and `optional` only, and 0.88 in `bank` and `de_facto`, `optional` having none of them any more. Swedish law reckons the three with
# Sundays where a term ends (lag 1930:173), so a due date that was right moves *onto* Christmas Eve with the first upgrade, and for who
# had turned to `optional` again with the second, each time without an error.
# Source: holidays/countries/sweden.py of these releases; vacanza/holidays#3118.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
cat > "$folder/ask.py" <<'PYTHON'
import sys
from datetime import date

import holidays

EVES = {date(2026, 6, 19), date(2026, 12, 24), date(2026, 12, 31)}


def eves(**asked: str) -> int:
    return len(EVES & set(holidays.country_holidays("SE", years=2026, **asked)))


known = holidays.country_holidays("SE", years=2026).supported_categories
found = {"by default": eves()} | {name: eves(categories=name) for name in sorted(known)}
print(f"holidays {holidays.__version__}, of 3 eves:", found)
expected = {"0.85": (3, None, None), "0.86": (0, 3, None), "0.88": (0, 0, 3), "0.109": (0, 0, 3)}[holidays.__version__]
sys.exit((found["by default"], found.get("optional"), found.get("de_facto")) != expected)
PYTHON
for version in 0.85 0.86 0.88 0.109; do
    "$folder/venv/bin/pip" install --quiet --disable-pip-version-check "holidays==$version"
    "$folder/venv/bin/python" "$folder/ask.py"
done
echo "as described"
