"""What is the person who asked told about each step, in which words?"""

from collections.abc import Mapping
from datetime import date

from libs.directory.sentences import day_in_words

Texts = Mapping[str, str]

ACCEPTED: Texts = {
    "en": "Your request has been received and is kept.",
    "fr": "Votre demande est reçue et conservée.",
    "sv": "Ditt ärende har tagits emot och sparats.",
}

_REPORTED: Mapping[str, Texts] = {
    "acknowledged": {
        "en": "The department has seen your request.",
        "fr": "Le service a pris connaissance de votre demande.",
        "sv": "Enheten har sett ditt ärende.",
    },
    "started": {
        "en": "The department has begun to work on your request.",
        "fr": "Le service a commencé à traiter votre demande.",
        "sv": "Enheten har börjat arbeta med ditt ärende.",
    },
    "news": {
        "en": "The department has news about the work.",
        "fr": "Le service donne des nouvelles du traitement.",
        "sv": "Enheten har nyheter om arbetet.",
    },
    "refused": {
        "en": "The department says that this belongs to someone else; another owner is being found.",
        "fr": "Le service indique que cela relève d’un autre ; un autre responsable est recherché.",
        "sv": "Enheten anger att ärendet hör till någon annan; en ny ansvarig söks.",
    },
}

_EXPECTED: Texts = {
    "en": "It expects to be done by {day}.",
    "fr": "Il pense avoir terminé au plus tard le {day}.",
    "sv": "Enheten räknar med att vara klar senast den {day}.",
}
ASSIGNED: Texts = {
    "en": "A person has read your request and chosen who deals with it; it is being handed over.",
    "fr": "Une personne a lu votre demande et choisi qui la traite ; elle est en cours de transmission.",
    "sv": "En person har läst ditt ärende och valt vem som handlägger det; det lämnas över nu.",
}
OPENED: Texts = {
    "en": "A person at the desk has read your request.",
    "fr": "Une personne du bureau d’orientation a lu votre demande.",
    "sv": "En person vid fördelningsdisken har läst ditt ärende.",
}

OPENED_BY_OWNER: Texts = {
    "en": "The department has read your request.",
    "fr": "Le service a lu votre demande.",
    "sv": "Enheten har läst ditt ärende.",
}

_RESOLVED: Mapping[str, Texts] = {
    "solved": {
        "en": "Your request has been dealt with.",
        "fr": "Votre demande a été traitée.",
        "sv": "Ditt ärende är åtgärdat.",
    },
    "moved": {
        "en": "Your request has been handed over to another organisation.",
        "fr": "Votre demande a été transmise à un autre organisme.",
        "sv": "Ditt ärende har lämnats över till en annan organisation.",
    },
    "duplicate": {
        "en": "The same matter had already been reported; it is being dealt with there.",
        "fr": "Le même sujet avait déjà été signalé ; il est traité avec l’autre demande.",
        "sv": "Samma sak var redan anmäld och handläggs där.",
    },
    "no_action": {
        "en": "Your request was examined; no action will be taken.",
        "fr": "Votre demande a été examinée ; aucune suite ne sera donnée.",
        "sv": "Ditt ärende har granskats; ingen åtgärd vidtas.",
    },
}

_NOTICED: Mapping[tuple[str, str], Texts] = {
    ("citizen", "sent"): {
        "en": "A message was sent to you{said}.",
        "fr": "Un message vous a été envoyé{said}.",
        "sv": "Ett meddelande har skickats till dig{said}.",
    },
    ("citizen", "failed"): {
        "en": "A message to you could not be delivered{said}.",
        "fr": "Un message qui vous était destiné n’a pas pu être remis{said}.",
        "sv": "Ett meddelande till dig kunde inte levereras{said}.",
    },
    ("citizen", "indeterminate"): {
        "en": "A message was sent to you{said}; it may not have arrived.",
        "fr": "Un message vous a été envoyé{said} ; il n’est peut-être pas arrivé.",
        "sv": "Ett meddelande har skickats till dig{said}; det kanske inte kom fram.",
    },
    ("department", "sent"): {
        "en": "The department has been told.",
        "fr": "Le service a été prévenu.",
        "sv": "Enheten har underrättats.",
    },
    ("department", "failed"): {
        "en": "The department could not be reached yet.",
        "fr": "Le service n’a pas encore pu être joint.",
        "sv": "Enheten har ännu inte kunnat nås.",
    },
    ("department", "indeterminate"): {
        "en": "The department was told; the message may not have arrived.",
        "fr": "Le service a été prévenu ; le message n’est peut-être pas arrivé.",
        "sv": "Enheten har underrättats; meddelandet kanske inte kom fram.",
    },
    ("former", "sent"): {
        "en": "The department that had it before has been told.",
        "fr": "Le service qui l’avait auparavant a été prévenu.",
        "sv": "Enheten som hade ärendet tidigare har underrättats.",
    },
    ("former", "failed"): {
        "en": "The department that had it before could not be reached yet.",
        "fr": "Le service qui l’avait auparavant n’a pas encore pu être joint.",
        "sv": "Enheten som hade ärendet tidigare har ännu inte kunnat nås.",
    },
    ("former", "indeterminate"): {
        "en": "The department that had it before was told; the message may not have arrived.",
        "fr": "Le service qui l’avait auparavant a été prévenu ; le message n’est peut-être pas arrivé.",
        "sv": "Enheten som hade ärendet tidigare har underrättats; meddelandet kanske inte kom fram.",
    },
    ("desk", "sent"): {
        "en": "The desk that chooses has been told.",
        "fr": "Le bureau qui choisit a été prévenu.",
        "sv": "Disken som väljer har underrättats.",
    },
    ("desk", "failed"): {
        "en": "The desk that chooses could not be reached yet.",
        "fr": "Le bureau qui choisit n’a pas encore pu être joint.",
        "sv": "Disken som väljer har ännu inte kunnat nås.",
    },
    ("desk", "indeterminate"): {
        "en": "The desk that chooses was told; the message may not have arrived.",
        "fr": "Le bureau qui choisit a été prévenu ; le message n’est peut-être pas arrivé.",
        "sv": "Disken som väljer har underrättats; meddelandet kanske inte kom fram.",
    },
}
_SAID: Mapping[str, Texts] = {
    "acknowledged": {"en": "we have your request", "fr": "nous avons votre demande", "sv": "vi har ditt ärende"},
    "routed": {"en": "who deals with it", "fr": "qui la traite", "sv": "vem som handlägger det"},
    "held": {
        "en": "a person is looking for who deals with it",
        "fr": "une personne cherche qui la traite",
        "sv": "en person söker vem som handlägger det",
    },
    "resolved": {"en": "what came of it", "fr": "ce qu’il en est advenu", "sv": "vad det blev av det"},
}
FORMER_OWNER = "no_longer_yours"  # the one notice to a department that has the request no more


def after_report(state: str, outcome: str | None, expected: date | None = None) -> Texts:
    """The sentence after a department's report; `news` is another word about work that has begun."""
    said = _RESOLVED[outcome] if state == "resolved" and outcome else _REPORTED[state]
    if expected is None:
        return said
    return {
        language: f"{text} {_EXPECTED[language].format(day=day_in_words(expected, language))}"
        for language, text in said.items()
    }


def after_notice(audience: str, kind: str, outcome: str) -> Texts:
    """The sentence after a notice was sent, failed, or is in doubt; to the citizen, with what it said."""
    told = _NOTICED["former" if kind == FORMER_OWNER else audience, outcome]
    about = _SAID.get(kind, {}) if audience == "citizen" else {}
    return {language: text.format(said=f" ({about[language]})" if about else "") for language, text in told.items()}
