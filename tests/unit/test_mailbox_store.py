"""Does the mailbox keep each mail as it came, and no more of them than it says?"""

from datetime import UTC, datetime
from pathlib import Path

from libs.operate.mailbox.store import Arrival, MailStore

WHEN = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def arrivals(*subjects: str) -> list[Arrival]:
    return [Arrival(WHEN, ("a@x.example",), f"Subject: {subject}\r\n\r\n".encode()) for subject in subjects]


def subjects(store: MailStore) -> list[str]:
    return [mail.content.decode().splitlines()[0].removeprefix("Subject: ") for mail in store.newest(0, 10)]


def test_the_newest_mail_is_shown_first(tmp_path: Path) -> None:
    store = MailStore(tmp_path / "mails.sqlite", mails_max=10)
    store.add(arrivals("one", "two"))
    store.add(arrivals("three"))
    assert subjects(store) == ["three", "two", "one"]
    assert [mail.id for mail in store.newest(1, 1)] == [2]
    store.close()


def test_the_oldest_are_dropped_beyond_the_maximum(tmp_path: Path) -> None:
    store = MailStore(tmp_path / "mails.sqlite", mails_max=2)
    store.add(arrivals("one", "two", "three"))
    assert (subjects(store), store.count()) == (["three", "two"], 2)
    store.add(arrivals("four"))
    assert (subjects(store), store.count()) == (["four", "three"], 2)
    store.close()


def test_mails_are_there_after_a_restart_and_ids_go_on(tmp_path: Path) -> None:
    before = MailStore(tmp_path / "mails.sqlite", mails_max=10)
    before.add(arrivals("one"))
    before.close()
    after = MailStore(tmp_path / "mails.sqlite", mails_max=10)
    assert after.newest(0, 10)[0].recipients == ("a@x.example",)
    assert after.newest(0, 10)[0].created_at == WHEN
    after.clear()
    assert after.count() == 0
    after.add(arrivals("two"))
    assert (after.count(), after.newest(0, 1)[0].id) == (1, 2)  # a link to a deleted mail never shows another one
    after.close()
