"""What does the mailbox remember? Each mail as it came, the newest MAILS_MAX of them, in one SQLite file."""

import json
import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

CREATE = """
CREATE TABLE IF NOT EXISTS mails (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- dense: rows leave only from the low end, so the ends tell the count
    created_at REAL NOT NULL,
    recipients TEXT NOT NULL,
    content BLOB NOT NULL
)
"""
NEWEST = """
SELECT id, created_at, recipients, content FROM mails
WHERE id <= (SELECT max(id) FROM mails) - ? ORDER BY id DESC LIMIT ?
"""
ONE = "SELECT id, created_at, recipients, content FROM mails WHERE id = ?"


@dataclass(frozen=True, slots=True)
class Arrival:
    created_at: datetime
    recipients: tuple[str, ...]
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    id: int
    created_at: datetime
    recipients: tuple[str, ...]
    content: bytes


class MailStore:
    """Safe to call from several threads; one call runs at a time."""

    def __init__(self, file: Path, mails_max: int) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._mails_max = mails_max
        self._lock = threading.Lock()
        self._database = sqlite3.connect(file, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")  # a mail survives kill -9; a power cut may take the last
        self._database.execute(CREATE)
        self._database.commit()

    def add(self, mails: Sequence[Arrival]) -> None:
        """All in one commit; the oldest beyond the maximum go in the same one."""
        rows = [(mail.created_at.timestamp(), json.dumps(mail.recipients), mail.content) for mail in mails]
        with self._lock, self._database:
            self._database.executemany("INSERT INTO mails (created_at, recipients, content) VALUES (?, ?, ?)", rows)
            self._database.execute("DELETE FROM mails WHERE id <= (SELECT max(id) FROM mails) - ?", (self._mails_max,))

    def count(self) -> int:
        with self._lock:
            first, last = self._database.execute("SELECT min(id), max(id) FROM mails").fetchone()
        return 0 if last is None else int(last - first + 1)

    def newest(self, start: int, limit: int) -> list[Mail]:
        """`limit` mails, newest first, after skipping `start`."""
        with self._lock:
            rows = self._database.execute(NEWEST, (start, limit)).fetchall()
        return [_mail(row) for row in rows]

    def one(self, mail_id: int) -> Mail | None:
        with self._lock:
            row = self._database.execute(ONE, (mail_id,)).fetchone()
        return None if row is None else _mail(row)

    def clear(self) -> None:
        with self._lock, self._database:
            self._database.execute("DELETE FROM mails")

    def close(self) -> None:
        with self._lock:
            self._database.close()


def _mail(row: tuple[int, float, str, bytes]) -> Mail:
    mail_id, created_at, recipients, content = row
    return Mail(mail_id, datetime.fromtimestamp(created_at, UTC), tuple(json.loads(recipients)), content)
