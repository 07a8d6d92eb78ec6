"""Are notes, checkpoints and proofs byte for byte what the C2SP specifications and their other writers produce?"""

import base64

import pytest

from libs.ledger.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint
from libs.ledger.note import NOTE_BYTES_MAX, NoteInvalid, Signer, Verifier, open_note
from libs.ledger.paths import prove_inclusion
from libs.ledger.proof import Proof as InclusionProof
from libs.ledger.proof import ProofInvalid, check_proof, parse_proof
from libs.ledger.tree import Frontier, Node, leaf_hash

# The example in the documentation of golang.org/x/mod/sumdb/note; the first byte of the seed's text is the type.
GO_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
GO_NOTE = (
    f"{GO_TEXT}\n— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
# The example of a verifier key in C2SP signed-note.
SPEC_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SPEC_NOTE = (
    "This is an example message.\n\n— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
# The example in C2SP tlog-checkpoint (its key is not published, so only its text can be compared).
SPEC_CHECKPOINT = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

LOG = Signer("ville.example/log", bytes(range(32)))
OTHER = Signer("autre.example/log", bytes(32))


def test_the_key_of_the_go_example_is_written_the_same_way() -> None:
    assert str(Signer("PeterNeumann", GO_SEED).verifier) == GO_KEY


def test_the_note_of_the_go_example_is_signed_the_same_way() -> None:
    assert Signer("PeterNeumann", GO_SEED).sign(GO_TEXT) == GO_NOTE


@pytest.mark.parametrize(("note", "key"), [(GO_NOTE, GO_KEY), (SPEC_NOTE, SPEC_KEY)])
def test_notes_of_other_writers_are_opened(note: str, key: str) -> None:
    verifier = Verifier.from_text(key)
    text, signer = open_note(note, [LOG.verifier, verifier])
    assert note.startswith(text)
    assert signer == verifier


def test_a_changed_text_is_refused() -> None:
    with pytest.raises(NoteInvalid, match="does not fit the text"):
        open_note(GO_NOTE.replace("answer", "enemy"), [Verifier.from_text(GO_KEY)])


def test_signatures_of_strangers_are_ignored_but_do_not_count() -> None:
    note = LOG.sign("text\n")
    line = OTHER.sign("text\n").partition("\n\n")[2]
    assert open_note(note + line, [LOG.verifier])[1] == LOG.verifier
    with pytest.raises(NoteInvalid, match="no known key"):
        open_note(note, [OTHER.verifier])


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n",
        "text\n",
        "text\n\n",
        "text\n\n— name\n",
        "text\n\n- name AAAAAAAA\n",
        "text\n\n— name é\n",
        "text\n\n— a+b AAAAAAAA\n",
    ],
)
def test_what_is_no_note_is_refused(note: str) -> None:
    with pytest.raises(NoteInvalid):
        open_note(note, [LOG.verifier])


def test_a_note_without_end_is_refused() -> None:
    with pytest.raises(NoteInvalid, match="longer than"):
        open_note("x" * (NOTE_BYTES_MAX + 1), [LOG.verifier])


@pytest.mark.parametrize(
    "text",
    ["", "a", "a+b", "a+00000000+AAAA", GO_KEY.replace("c74f20a3", "c74f20a4"), GO_KEY[:-4], "a+b+not base64", "+x+y"],
)
def test_a_damaged_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="key"):
        Verifier.from_text(text)


def test_a_name_with_spaces_is_refused() -> None:
    with pytest.raises(ValueError, match="spaces"):
        Verifier("two words", bytes(32))


def test_the_text_of_a_checkpoint_is_that_of_the_specification() -> None:
    checkpoint = parse_checkpoint(SPEC_CHECKPOINT)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert checkpoint.text() == SPEC_CHECKPOINT


def test_a_signed_checkpoint_is_opened_by_its_own_key_only() -> None:
    checkpoint = Checkpoint(LOG.name, 3, bytes(32))
    note = checkpoint.signed_by(LOG)
    assert open_checkpoint(note, [LOG.verifier]) == checkpoint
    with pytest.raises(NoteInvalid, match="is signed by"):
        open_checkpoint(checkpoint.signed_by(OTHER), [OTHER.verifier])


@pytest.mark.parametrize(
    "text",
    [
        "\n3\nAAAA\n",
        "log\n03\nAAAA\n",
        "log\n-3\nAAAA\n",
        "log\n3\nAAAA\n",
        "log\n3\n",
        "log\n3\né\n",
        "log\n٣\nAAAA\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteInvalid):
        parse_checkpoint(text)


def proof_of(index: int, entries: list[bytes]) -> str:
    hashes = {Node(0, number): leaf_hash(entry) for number, entry in enumerate(entries)}
    frontier = Frontier()
    frontier.extend(hashes.values())
    note = Checkpoint(LOG.name, len(entries), frontier.root()).signed_by(LOG)
    return InclusionProof(index, prove_inclusion(index, len(entries), hashes.__getitem__), note).text()


def test_a_handed_out_proof_is_checked_with_nothing_but_the_entry_and_the_key() -> None:
    text = proof_of(2, [b"a", b"b", b"c", b"d", b"e"])
    assert text.startswith("c2sp.org/tlog-proof@v1\nindex 2\n")
    assert len(parse_proof(text).path) == 3
    assert check_proof(text, b"c", [LOG.verifier]).size == 5


def test_a_proof_of_one_leaf_has_no_path() -> None:
    assert check_proof(proof_of(0, [b"a"]), b"a", [LOG.verifier]).size == 1


def test_extra_data_in_a_proof_is_passed_over() -> None:
    text = proof_of(1, [b"a", b"b"]).replace("index", "extra AAAA\nindex", 1)
    assert check_proof(text, b"b", [LOG.verifier]).size == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("tlog-proof@v1", "tlog-proof@v2"),
        ("index 2", "index 3"),
        ("index 2", "index 02"),
        ("index 2", "index"),
        ("index 2\n", "index 2\né\n"),
        ("index 2\n", "index 2\nAAAA\n"),
        (LOG.name, OTHER.name),
    ],
)
def test_a_changed_proof_is_refused(old: str, new: str) -> None:
    text = proof_of(2, [b"a", b"b", b"c", b"d", b"e"])
    assert old in text
    with pytest.raises(ProofInvalid):
        check_proof(text.replace(old, new), b"c", [LOG.verifier])


def test_a_proof_of_another_entry_is_refused() -> None:
    with pytest.raises(ProofInvalid, match="does not lead"):
        check_proof(proof_of(2, [b"a", b"b", b"c"]), b"b", [LOG.verifier])
