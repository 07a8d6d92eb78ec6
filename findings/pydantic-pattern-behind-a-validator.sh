#!/usr/bin/env bash
# One would guess: what pydantic enforces of `StringConstraints(pattern=…, max_length=…)` also stands in the JSON Schema, wherever in the
# Annotated a validator stands; at worst both constraints are missing from it.
# So it is: in pydantic 2.14.3 a validator *in front of* the constraints takes the pattern, and the pattern alone, out of the JSON Schema,
# while it is still enforced and `maxLength` is still told. Clients generated from the schema then send what is refused. With the
# validator behind the constraints both are told. (The pattern behind a validator is not put into the string's own core schema but
# becomes a function after it, of which the schema knows nothing.)
# Source: pydantic/_internal/_known_annotated_metadata.py, apply_known_metadata.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pydantic==2.14.3
cat > "$folder/ask.py" <<'PYTHON'
import sys
from typing import Annotated

import pydantic
from pydantic import BeforeValidator, StringConstraints, TypeAdapter, ValidationError

LIMITS = StringConstraints(pattern=r"^[A-Z]{2}\d+$", max_length=8)
ORDERS = {
    "validator first": (Annotated[str, BeforeValidator(str.strip), LIMITS], {"maxLength"}),
    "constraints first": (Annotated[str, LIMITS, BeforeValidator(str.strip)], {"maxLength", "pattern"}),
}
print("pydantic", pydantic.VERSION)
differs = False
for name, (kind, expected) in ORDERS.items():
    adapter = TypeAdapter(kind)
    told = set(adapter.json_schema()) - {"type"}
    try:
        adapter.validate_python("no code")
        enforced = "taken"
    except ValidationError as error:
        enforced = error.errors()[0]["type"]
    print(f"{name:18} schema tells {sorted(told)}; a text that does not fit: {enforced}")
    differs |= told != expected or enforced != "string_pattern_mismatch"
sys.exit(differs)
PYTHON
"$folder/venv/bin/python" "$folder/ask.py"
echo "as described"
