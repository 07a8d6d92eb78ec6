"""In which words is each reason given?

The keys are the stable codes of reasons. A territory's language that is not here is served in English.
"""

from collections.abc import Mapping

FALLBACK = "en"

REASONS: Mapping[str, Mapping[str, str]] = {
    # Where it is
    "point-inside": {
        "fr": "Le point est à l'intérieur de {municipality}.",
        "en": "The point is inside {municipality}.",
        "sv": "Punkten ligger i {municipality}.",
    },
    "near-border": {
        "fr": "Le point est à {distance_m} m de {municipality}, et le lieu n'est sûr qu'à {reach_m} m près.",
        "en": "The point is {distance_m} m from {municipality}, and the place is only certain to {reach_m} m.",
        "sv": "Punkten ligger {distance_m} m från {municipality}, och platsen är bara säker på {reach_m} m när.",
    },
    "same-owner": {
        "fr": "De part et d'autre de la limite, le responsable est le même pour ce service.",
        "en": "On either side of the border the owner is the same for this service.",
        "sv": "På båda sidor om gränsen är ansvaret detsamma för den här tjänsten.",
    },
    "same-owner-everywhere": {
        "fr": "Où que ce soit parmi ces communes, le responsable est le même pour ce service.",
        "en": "Wherever it is among these municipalities, the owner is the same for this service.",
        "sv": "Var det än är bland dessa kommuner är ansvaret detsamma för den här tjänsten.",
    },
    "point-outside": {
        "fr": "Le point n'est dans aucune commune de {territory}.",
        "en": "The point is in no municipality of {territory}.",
        "sv": "Punkten ligger inte i någon kommun i {territory}.",
    },
    "point-without-boundaries": {
        "fr": "Le territoire n'a pas de limites communales enregistrées : un point seul ne suffit pas.",
        "en": "The territory has no boundaries on record: a point alone is not enough.",
        "sv": "Territoriet saknar registrerade gränser: en punkt räcker inte.",
    },
    "point-vague": {
        "fr": "Le point n'est connu qu'à {accuracy_m} m près : il ne décide pas.",
        "en": "The point is only known to {accuracy_m} m: it does not decide.",
        "sv": "Punkten är bara känd på {accuracy_m} m när: den avgör inte.",
    },
    "circle-inside": {
        "fr": "La position n'est connue qu'à {accuracy_m} m près, mais tout ce cercle est dans {places}.",
        "en": "The position is only known to {accuracy_m} m, but all of that circle is in {places}.",
        "sv": "Positionen är bara känd på {accuracy_m} m när, men hela den cirkeln ligger i {places}.",
    },
    "circle-across": {
        "fr": "La position n'est connue qu'à {accuracy_m} m près. Le lieu peut être : {places}.",
        "en": "The position is only known to {accuracy_m} m. The place may be: {places}.",
        "sv": "Positionen är bara känd på {accuracy_m} m när. Platsen kan vara: {places}.",
    },
    "circle-outside": {
        "fr": "La position n'est connue qu'à {accuracy_m} m près, et tout ce cercle est hors de {territory}.",
        "en": "The position is only known to {accuracy_m} m, and all of that circle is outside {territory}.",
        "sv": "Positionen är bara känd på {accuracy_m} m när, och hela den cirkeln ligger utanför {territory}.",
    },
    "circle-differs": {
        "fr": "La position indique {point}, mais les autres indications désignent {stated}.",
        "en": "The position says {point}, but everything else says {stated}.",
        "sv": "Positionen anger {point}, men övriga uppgifter anger {stated}.",
    },
    "code-given": {
        "fr": "Le code {given} est celui de {municipality}.",
        "en": "The code {given} is that of {municipality}.",
        "sv": "Koden {given} tillhör {municipality}.",
    },
    "code-part": {
        "fr": "Le code {given} est celui d'une partie de {municipality}.",
        "en": "The code {given} is that of a part of {municipality}.",
        "sv": "Koden {given} tillhör en del av {municipality}.",
    },
    "code-former": {
        "fr": "Le code {given} est un ancien code de {municipality}.",
        "en": "The code {given} is a former code of {municipality}.",
        "sv": "Koden {given} är en tidigare kod för {municipality}.",
    },
    "code-divided": {
        "fr": "Le code {given} est celui d'une ancienne commune, partagée depuis entre plusieurs.",
        "en": "The code {given} is that of a former municipality, since divided among several.",
        "sv": "Koden {given} tillhör en tidigare kommun som sedan har delats mellan flera.",
    },
    "code-elsewhere": {
        "fr": "Le code {given} n'est celui d'aucune commune de {territory}.",
        "en": "The code {given} belongs to no municipality of {territory}.",
        "sv": "Koden {given} tillhör ingen kommun i {territory}.",
    },
    "code-expired": {
        "fr": "Le code {given} n'était pas en vigueur à cette date.",
        "en": "The code {given} was not in force on that day.",
        "sv": "Koden {given} gällde inte den dagen.",
    },
    "contradiction": {
        "fr": "Le point indique {point}, mais le code {given} indique {stated}.",
        "en": "The point says {point}, but the code {given} says {stated}.",
        "sv": "Punkten anger {point}, men koden {given} anger {stated}.",
    },
    "code-differs": {
        "fr": "Le code {given} désigne {municipality}, mais le code postal ou le nom désigne {stated}.",
        "en": "The code {given} means {municipality}, but the postal code or the name means {stated}.",
        "sv": "Koden {given} avser {municipality}, men postnumret eller namnet avser {stated}.",
    },
    "words-differ": {
        "fr": "Le point indique {point}, mais le code postal et le nom désignent {stated}.",
        "en": "The point says {point}, but the postal code and the name mean {stated}.",
        "sv": "Punkten anger {point}, men postnumret och namnet avser {stated}.",
    },
    "name-differs": {
        "fr": "Le nom donné, « {given} », n'est pas {municipality} ; le point l'emporte.",
        "en": "The name given, “{given}”, is not {municipality}; the point prevails.",
        "sv": "Det angivna namnet ”{given}” är inte {municipality}; punkten gäller.",
    },
    "postal-unique": {
        "fr": "Le code postal {given} n'est utilisé que par {municipality}.",
        "en": "The postal code {given} is used by {municipality} only.",
        "sv": "Postnumret {given} används bara av {municipality}.",
    },
    "postal-shared": {
        "fr": "Le code postal {given} est partagé par plusieurs communes : il ne décide pas.",
        "en": "The postal code {given} is shared by several municipalities: it does not decide.",
        "sv": "Postnumret {given} delas av flera kommuner: det avgör inte.",
    },
    "postal-cedex": {
        "fr": "« {given} » est un CEDEX : il dit où le courrier est remis, pas où se trouve le lieu.",
        "en": "“{given}” is a CEDEX: it says where mail is handed over, not where the place is.",
        "sv": "”{given}” är en CEDEX-adress: den säger var posten lämnas, inte var platsen ligger.",
    },
    "postal-usual": {
        "fr": "Le code postal {given} n'est celui d'aucune commune, mais il commence comme ceux de {municipality}.",
        "en": "The postal code {given} is no municipality's, but it begins like those of {municipality}.",
        "sv": "Postnumret {given} är ingen kommuns, men det börjar som de i {municipality}.",
    },
    "postal-unknown": {
        "fr": "Le code postal {given} n'est pas connu dans {territory}.",
        "en": "The postal code {given} is not known in {territory}.",
        "sv": "Postnumret {given} är inte känt i {territory}.",
    },
    "postal-differs": {
        "fr": "Le code postal {given} et le nom « {name} » ne désignent pas la même commune.",
        "en": "The postal code {given} and the name “{name}” do not mean the same municipality.",
        "sv": "Postnumret {given} och namnet ”{name}” avser inte samma kommun.",
    },
    "name-given": {
        "fr": "Le nom « {given} » désigne {municipality}.",
        "en": "The name “{given}” means {municipality}.",
        "sv": "Namnet ”{given}” avser {municipality}.",
    },
    "name-ambiguous": {
        "fr": "Le nom « {given} » peut désigner plusieurs communes.",
        "en": "The name “{given}” can mean several municipalities.",
        "sv": "Namnet ”{given}” kan avse flera kommuner.",
    },
    "name-short": {
        "fr": "Le nom « {given} » est trop court pour décider sans code postal.",
        "en": "The name “{given}” is too short to decide without a postal code.",
        "sv": "Namnet ”{given}” är för kort för att avgöra utan postnummer.",
    },
    "name-unknown": {
        "fr": "Aucune commune de {territory} ne s'appelle « {given} ».",
        "en": "No municipality of {territory} is called “{given}”.",
        "sv": "Ingen kommun i {territory} heter ”{given}”.",
    },
    "place-missing": {
        "fr": "Rien ne dit dans quelle commune se trouve le lieu.",
        "en": "Nothing says in which municipality the place is.",
        "sv": "Inget säger i vilken kommun platsen ligger.",
    },
    "address-unread": {
        "fr": "L'adresse ne dit pas dans quelle commune se trouve le lieu : il y manque le code postal et la commune.",
        "en": "The address does not say in which municipality the place is: its postal code and town are missing.",
        "sv": "Adressen säger inte i vilken kommun platsen ligger: postnummer och ort saknas.",
    },
    "on-layer": {
        "fr": "Le point est sur « {layer} ».",
        "en": "The point is on “{layer}”.",
        "sv": "Punkten ligger på ”{layer}”.",
    },
    "near-layer": {
        "fr": "Le point est à {distance_m} m du bord de « {layer} » et n'est connu qu'à {reach_m} m près.",
        "en": "The point is {distance_m} m from the edge of “{layer}” and only known to {reach_m} m.",
        "sv": "Punkten ligger {distance_m} m från kanten av ”{layer}” och är bara känd på {reach_m} m när.",
    },
    # What cannot wait
    "urgent-words": {
        "fr": "Le texte contient des mots qui ne peuvent pas attendre : « {name} ».",
        "en": "The text contains words that cannot wait: “{name}”.",
        "sv": "Texten innehåller ord som inte kan vänta: ”{name}”.",
    },
    "urgent-service": {
        "fr": "« {name} » ne peut pas attendre.",
        "en": "“{name}” cannot wait.",
        "sv": "”{name}” kan inte vänta.",
    },
    # What is asked for
    "service-missing": {
        "fr": "La demande ne dit pas quel service est concerné.",
        "en": "The request does not say which service it is about.",
        "sv": "Ärendet säger inte vilken tjänst det gäller.",
    },
    "service-unknown": {
        "fr": "Le service « {given} » n'existe pas dans {territory}.",
        "en": "The service “{given}” does not exist in {territory}.",
        "sv": "Tjänsten ”{given}” finns inte i {territory}.",
    },
    "classified": {
        "fr": "D'après le texte, la demande concerne « {name} » ({percent} %).",
        "en": "Going by the text, the request is about “{name}” ({percent} %).",
        "sv": "Att döma av texten gäller ärendet ”{name}” ({percent} %).",
    },
    "classifier-abstained": {
        "fr": "Le texte peut concerner {names} ; ce n'est pas assez sûr.",
        "en": "The text may be about {names}; that is not certain enough.",
        "sv": "Texten kan gälla {names}; det är inte säkert nog.",
    },
    # Who owns it
    "rule-won": {
        "fr": "La règle {rule} est la plus précise de celles qui s'appliquent.",
        "en": "Rule {rule} is the most specific of those that apply.",
        "sv": "Regel {rule} är den mest specifika av dem som gäller.",
    },
    "possible-owner": {
        "fr": "Si le lieu est {place}, le responsable est {authority} et le service chargé {department}.",
        "en": "If the place is {place}, the owner is {authority} and the department {department}.",
        "sv": "Om platsen är {place} ansvarar {authority}, och {department} handlägger.",
    },
    "nobody-there": {
        "fr": "Si le lieu est {place}, aucune règle ne désigne de responsable.",
        "en": "If the place is {place}, no rule names an owner.",
        "sv": "Om platsen är {place} pekar ingen regel ut någon ansvarig.",
    },
    "no-rule": {
        "fr": "Aucune règle en vigueur ne s'applique à ce service en ce lieu.",
        "en": "No rule in force applies to this service in this place.",
        "sv": "Ingen gällande regel avser den här tjänsten på den här platsen.",
    },
    "all-refused": {
        "fr": "Tous ceux que les règles désignent ont refusé.",
        "en": "All whom the rules name have refused.",
        "sv": "Alla som reglerna pekar ut har avböjt.",
    },
    "rules-tied": {
        "fr": "Les règles {rule} et {other} s'appliquent au même titre.",
        "en": "Rules {rule} and {other} apply equally.",
        "sv": "Reglerna {rule} och {other} gäller i samma grad.",
    },
    # Why a rule lost
    "outranked": {
        "fr": "La règle {other} est plus précise ou prioritaire.",
        "en": "Rule {other} is more specific or has priority.",
        "sv": "Regel {other} är mer specifik eller har företräde.",
    },
    "not-in-force": {
        "fr": "La règle n'était pas en vigueur à cette date.",
        "en": "The rule was not in force on that day.",
        "sv": "Regeln gällde inte den dagen.",
    },
    "not-on-layer": {
        "fr": "Le lieu n'est pas sur « {layer} ».",
        "en": "The place is not on “{layer}”.",
        "sv": "Platsen ligger inte på ”{layer}”.",
    },
    "layer-needs-point": {
        "fr": "Sans point, on ne sait pas si le lieu est sur « {layer} ».",
        "en": "Without a point nobody knows whether the place is on “{layer}”.",
        "sv": "Utan en punkt vet ingen om platsen ligger på ”{layer}”.",
    },
    "condition-unmet": {
        "fr": "Les réponses ne remplissent pas la condition « {condition} ».",
        "en": "The answers do not meet the condition “{condition}”.",
        "sv": "Svaren uppfyller inte villkoret ”{condition}”.",
    },
    "no-department": {
        "fr": "Aucun service de {authority} n'était en fonction à cette date.",
        "en": "No department of {authority} was at work on that day.",
        "sv": "Ingen enhet hos {authority} var i tjänst den dagen.",
    },
    "refused": {
        "fr": "{department} a refusé la demande.",
        "en": "{department} refused the request.",
        "sv": "{department} har avböjt ärendet.",
    },
    "place-uncertain": {
        "fr": "Possible, selon le lieu exact.",
        "en": "Possible, depending on the exact place.",
        "sv": "Möjligt, beroende på den exakta platsen.",
    },
}
OUTSIDE_NAMES = {"fr": "hors du territoire", "en": "outside the territory", "sv": "utanför territoriet"}
