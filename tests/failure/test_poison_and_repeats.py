"""What do broken records and repeats change? Nothing but a dead letter that says why."""

from uuid import uuid4

from tests.citizens import Stream, assert_nothing_lost_nothing_twice, pothole
from tests.running import SOURCE, RunningSystem
from tests.wire import Raw, binary_submission, read_all, send

MAP = ("requests.accepted.v1", "requests.routed.v1", "requests.progressed.v1", "notices.sent.v1")
POISON = {
    "a header that is not UTF-8": Raw("", b"k", b"{}", (("ce_id", b"\xff\xfe"), ("ce_type", b"\xff"))),
    "a header that is null": Raw("", b"k", b"{}", (("ce_id", None), ("ce_specversion", b"1.0"))),
    "no headers and no body": Raw("", None, None),
    "a body that is not JSON": Raw("", b"k", b"\x00\x01 not json", (("content-type", b"application/json"),)),
    "a structured event cut short": Raw(
        "", b"k", b'{"specversion": "1.0"', (("content-type", b"application/cloudevents+json"),)
    ),
}


def dead(system: RunningSystem, service: str) -> list[Raw]:
    return read_all(system.kafka.bootstrap, f"{service}.dead.v1")


READERS = {"intake": 3, "router": 2, "notifier": 3, "audit": 4}  # how many of those topics each service reads


def test_poison_on_every_topic_is_put_aside_and_its_neighbours_go_through(running_system: RunningSystem) -> None:
    marks = {uuid4().hex.encode(): poison for poison in POISON.values()}
    topics = ("requests.inbound.v1", *MAP)
    with Stream(running_system, count=150) as stream:
        for number, (mark, poison) in enumerate(marks.items()):
            stream.wait_for(20 * (number + 1))
            marked = [Raw(topic, mark, poison.value, poison.headers) for topic in topics]
            send(running_system.kafka.bootstrap, marked)
    running_system.wait_for_quiet()
    for service, count in READERS.items():
        letters = dead(running_system, service)
        for mark, poison in marks.items():
            ours = [letter for letter in letters if letter.key == mark]
            assert len(ours) == count, (service, poison)
            assert {letter.value for letter in ours} == {poison.value}
            assert all(set(poison.headers) <= set(letter.headers) for letter in ours)
            assert all(letter.header("guichet-dead-slug") for letter in ours)
    assert_nothing_lost_nothing_twice(running_system, stream)


def test_a_sender_that_writes_nothing_but_rubbish_stops_nobody_else(running_system: RunningSystem) -> None:
    """More in a row than any topic may give up, then good events among which the share would be reached."""
    bootstrap, before = running_system.kafka.bootstrap, len(dead(running_system, "intake"))
    send(bootstrap, [Raw("requests.inbound.v1", None, b"not json")] * 2_100)
    running_system.wait_until(lambda: len(dead(running_system, "intake")) == before + 2_100, "rubbish is put aside")
    with Stream(running_system, count=60) as stream:
        pass
    running_system.wait_for_quiet()
    assert_nothing_lost_nothing_twice(running_system, stream)
    assert [one["source"] for one in running_system.status()["troubles"] if one["service"] == "intake"] in ([], [""])
    assert running_system.is_ready()


def test_every_record_of_every_topic_heard_again_changes_nothing(running_system: RunningSystem) -> None:
    with Stream(running_system, count=60) as stream:
        pass
    running_system.wait_for_quiet()
    mails, leaves = len(running_system.mails()), running_system.verdict()["leaves"]
    bootstrap = running_system.kafka.bootstrap
    again = [record for topic in MAP for record in read_all(bootstrap, topic) if record.header("ce_id")]
    assert len(again) >= 4 * 60
    send(bootstrap, again)
    running_system.wait_for_quiet()
    assert len(running_system.mails()) == mails
    assert running_system.verdict()["leaves"] == leaves
    assert_nothing_lost_nothing_twice(running_system, stream)


def test_a_submission_heard_ten_times_is_one_request(running_system: RunningSystem) -> None:
    source_id = uuid4().hex
    send(running_system.kafka.bootstrap, [binary_submission(SOURCE, source_id, pothole(source_id))] * 10)
    running_system.wait_for_quiet()
    answers = {running_system.submit(pothole(source_id)).json()["request_id"] for _ in range(3)}
    assert len(answers) == 1
    to = f"{source_id}@citizen.example"
    subjects = [m["Subject"] for m in running_system.mails() if m["To"][0]["Address"] == to]
    assert len(subjects) == 1  # “received” waited for the decision
