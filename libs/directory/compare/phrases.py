"""In which words is each difference between two releases told?"""

from collections.abc import Mapping

WHEN: Mapping[str, Mapping[str, str]] = {
    "": {"fr": "", "en": "", "sv": ""},
    "from": {"fr": ", à partir du {first}", "en": ", from {first}", "sv": ", från {first}"},
    "to": {"fr": ", jusqu'au {last}", "en": ", until {last}", "sv": ", till och med {last}"},
    "fromto": {"fr": ", du {first} au {last}", "en": ", from {first} to {last}", "sv": ", {first} till {last}"},
}

TEXTS: Mapping[str, Mapping[str, str]] = {
    "": {"en": ""},
    "as-is": {"en": "{what}"},
    # Who owns a service
    "owner": {
        "fr": "{service} ({where}) : ",
        "en": "{service} {where}: ",
        "sv": "{service} ({where}): ",
    },
    "in": {"fr": "{places}", "en": "in {places}", "sv": "{places}"},
    "everywhere": {"fr": "partout", "en": "everywhere", "sv": "överallt"},
    "on-layer": {"fr": ", sur « {layer} »", "en": " on “{layer}”", "sv": ", på ”{layer}”"},
    "answered": {"fr": ", si {answers}", "en": " if {answers}", "sv": ", om {answers}"},
    "or": {"fr": " ou ", "en": " or ", "sv": " eller "},
    "otherwise": {
        "fr": "« {question} » a une autre réponse ou aucune",
        "en": "“{question}” has another answer or none",
        "sv": "”{question}” har ett annat svar eller inget",
    },
    "decided": {
        "fr": "décidé par {old} → {new}",
        "en": "decided by {old} → {new}",
        "sv": "beslutas av {old} → {new}",
    },
    "done": {"fr": "fait par {old} → {new}", "en": "done by {old} → {new}", "sv": "utförs av {old} → {new}"},
    "commune": {"fr": "la commune", "en": "the commune", "sv": "kommunen"},
    "nobody": {"fr": "personne", "en": "nobody", "sv": "ingen"},
    "and": {"fr": ", ", "en": ", ", "sv": ", "},
    "more": {"fr": " et {count} autres", "en": " and {count} more", "sv": " och {count} till"},
    "unexamined": {
        "fr": "{service} : trop de réponses à distinguer, les responsables n'ont pas été comparés",
        "en": "{service}: too many answers to tell apart, its owners were not compared",
        "sv": "{service}: för många svar att skilja åt, ansvariga har inte jämförts",
    },
    "code": {
        "fr": "code {code} : {old} → {new}",
        "en": "code {code}: {old} → {new}",
        "sv": "kod {code}: {old} → {new}",
    },
    "calendar": {
        "fr": "Jours chômés : {added} en plus, {removed} en moins ({days}, …)",
        "en": "Closed days: {added} more, {removed} fewer ({days}, …)",
        "sv": "Helgdagar: {added} fler, {removed} färre ({days}, …)",
    },
    # What the pack lists
    "added": {
        "fr": "{kind} en plus : {name} ({code})",
        "en": "{kind} added: {name} ({code})",
        "sv": "{kind} tillkommer: {name} ({code})",
    },
    "removed": {
        "fr": "{kind} en moins : {name} ({code})",
        "en": "{kind} removed: {name} ({code})",
        "sv": "{kind} försvinner: {name} ({code})",
    },
    "changed": {
        "fr": "{kind} {name} ({code}) : {field} {old} → {new}",
        "en": "{kind} {name} ({code}): {field} {old} → {new}",
        "sv": "{kind} {name} ({code}): {field} {old} → {new}",
    },
    "rewritten": {
        "fr": "{kind} {name} ({code}) : {field} a changé",
        "en": "{kind} {name} ({code}): {field} changed",
        "sv": "{kind} {name} ({code}): {field} har ändrats",
    },
    "service": {"fr": "service", "en": "service", "sv": "tjänst"},
    "authority": {"fr": "autorité", "en": "authority", "sv": "myndighet"},
    "department": {"fr": "direction", "en": "department", "sv": "förvaltning"},
    "territory": {"fr": "territoire", "en": "territory", "sv": "territorium"},
    "postal": {
        "fr": "code postal {code} : {old} → {new}",
        "en": "postal code {code}: {old} → {new}",
        "sv": "postnummer {code}: {old} → {new}",
    },
    # Where boundaries and layers run
    "outlines-added": {
        "fr": "limites : {count} communes en ont désormais",
        "en": "boundaries: {count} municipalities now have one",
        "sv": "gränser: {count} kommuner har nu en",
    },
    "outlines-removed": {
        "fr": "limites : {count} communes n'en ont plus",
        "en": "boundaries: {count} municipalities have none any more",
        "sv": "gränser: {count} kommuner har ingen längre",
    },
    "area-moved": {
        "fr": "limites : {hectares} ha passent de {old} à {new}",
        "en": "boundary: {hectares} ha go from {old} to {new}",
        "sv": "gräns: {hectares} ha går från {old} till {new}",
    },
    "area-left": {
        "fr": "limites : {hectares} ha de {old} ne sont plus à personne",
        "en": "boundary: {hectares} ha of {old} are nobody's any more",
        "sv": "gräns: {hectares} ha av {old} är inte längre någons",
    },
    "area-joined": {
        "fr": "limites : {new} reçoit {hectares} ha qui n'étaient à personne",
        "en": "boundary: {new} gains {hectares} ha that were nobody's",
        "sv": "gräns: {new} får {hectares} ha som inte var någons",
    },
    "layer": {
        "fr": "couche « {layer} » : {added} ha en plus, {removed} ha en moins",
        "en": "layer “{layer}”: {added} ha more, {removed} ha less",
        "sv": "lager ”{layer}”: {added} ha mer, {removed} ha mindre",
    },
}
