"""In which words is it said that a person chose, or has to? The keys of each text are languages; English stands in."""

from collections.abc import Mapping

Texts = Mapping[str, str]

TOO_MANY_HOPS: Texts = {
    "en": "{hops} departments said that this request is not theirs. A person will choose who deals with it.",
    "fr": "{hops} services ont répondu que cette demande ne relève pas d’eux. Une personne va choisir qui la traite.",
    "sv": "{hops} enheter har svarat att ärendet inte är deras. En person kommer att välja vem som handlägger det.",
}
CHOICE_REFUSED: Texts = {
    "en": "The department that a person had chosen says that this is not its task. A person will look at it again.",
    "fr": "Le service choisi par une personne répond que cela ne relève pas de lui. Une personne va revoir la demande.",
    "sv": "Enheten som en person hade valt svarar att ärendet inte är dess. En person kommer att titta på det igen.",
}
CHOSEN: Texts = {
    "en": "For “{service}”, a person has decided: {authority} is responsible and {department} will deal with it{due}.",
    "fr": "Pour « {service} », une personne a décidé. Responsable : {authority} ; prise en charge : {department}{due}.",
    "sv": "För ”{service}” har en person avgjort: {authority} ansvarar, och {department} handlägger ärendet{due}.",
}
CHOSEN_REASON: Texts = {
    "en": "A person read the request and chose {department}.",
    "fr": "Une personne a lu la demande et choisi {department}.",
    "sv": "En person har läst ärendet och valt {department}.",
}
OTHER_CHOSEN: Texts = {
    "en": "A person chose another department.",
    "fr": "Une personne a choisi un autre service.",
    "sv": "En person valde en annan enhet.",
}
