"""Does the history say which message was sent, and is every sentence there in every language?"""

import pytest

from services.intake.sentences import after_notice

LANGUAGES = ("en", "fr", "sv")


@pytest.mark.parametrize("outcome", ["sent", "failed", "indeterminate"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_history_says_which_message_was_sent(language: str, outcome: str) -> None:
    kinds = ("acknowledged", "routed", "held", "resolved")
    assert len({after_notice("citizen", kind, outcome)[language] for kind in kinds}) == len(kinds)


def test_a_message_is_named_by_what_it_said() -> None:
    assert after_notice("citizen", "routed", "sent") == {
        "en": "A message was sent to you (who deals with it).",
        "fr": "Un message vous a été envoyé (qui la traite).",
        "sv": "Ett meddelande har skickats till dig (vem som handlägger det).",
    }


@pytest.mark.parametrize(
    ("audience", "kind"), [("citizen", "new_kind"), ("department", "new_request"), ("department", "no_longer_yours")]
)
@pytest.mark.parametrize("outcome", ["sent", "failed", "indeterminate"])
def test_no_sentence_shows_a_gap(audience: str, kind: str, outcome: str) -> None:
    said = after_notice(audience, kind, outcome)
    assert set(said) == set(LANGUAGES)
    assert not any("{" in text or "()" in text for text in said.values())
