#!/usr/bin/env bash
# One would guess: one CloudEvent says the same in binary and in structured mode; that is what the modes are for.
# So it is: cloudevents 2.2.0 (PyPI), given data that is JSON text already (what code written for the 1.x `json.dumps` habit hands in),
# writes it as it is in binary mode, where receivers read an object, and as a JSON *string* in structured mode, where receivers read
# a string. The reader of both modes gets two events of different content under one id and source.
# Source: cloudevents/core/formats/json.py, write and write_data; CloudEvents JSON format 1.0.2, section 3.1.1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check cloudevents==2.2.0
cat > "$folder/ask.py" <<'PYTHON'
import json
import sys
from importlib.metadata import version

from cloudevents.core.bindings.http import to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent

NAMED = {"specversion": "1.0", "id": "1", "source": "/lamps", "type": "lamp.out", "datacontenttype": "application/json"}
found = {}
for what, data in {"an object": {"lamp": 7}, "its JSON text": json.dumps({"lamp": 7})}.items():
    event = CloudEvent(dict(NAMED), data)
    binary = json.loads(to_binary_event(event).body)
    structured = json.loads(to_structured_event(event).body)["data"]
    found[what] = (type(binary).__name__, type(structured).__name__)
    print(f"data given as {what:13}: binary mode carries {found[what][0]}, structured mode {found[what][1]}")
print("cloudevents", version("cloudevents"))
sys.exit(found != {"an object": ("dict", "dict"), "its JSON text": ("dict", "str")})
PYTHON
"$folder/venv/bin/python" "$folder/ask.py"
echo "as described"
