"""How would the older release read, had its municipalities had the official codes of the newer one?

A municipality that only changes its code stays who it is: all that goes by the code is compared under the new one.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from libs.directory.model import MUNICIPALITY
from libs.directory.release import Release


def with_codes_of(old: Release, new: Release) -> Release:
    """The older release under the newer one's official codes; itself where none has changed."""
    renamed = _renamed(old, new)
    if not renamed:
        return old
    content: dict[str, Any] = orjson.loads(old.to_bytes())
    for part, field in (("authorities", "official_code"), ("places", "code"), ("codes", "municipality")):
        for row in content.get(part, ()):
            row[field] = renamed.get(row[field], row[field])
    for row in content["rules"]:
        kind, _, code = row["where"].partition(":")
        row["where"] = f"{kind}:{renamed.get(code, code)}" if kind == MUNICIPALITY else row["where"]
    for rows in content["postal"].values():
        for row in rows:
            row["municipality"] = renamed.get(row["municipality"], row["municipality"])
    return Release.of(content)


def _renamed(old: Release, new: Release) -> Mapping[str, str]:
    """From the older to the newer official code, by the code that a pack gives and that keeps its meaning."""
    now = {one.code: one.official_code for one in new.municipalities.values()}
    return {
        official: now[one.code]
        for official, one in old.municipalities.items()
        if now.get(one.code, official) != official and now[one.code] not in old.municipalities
    }
