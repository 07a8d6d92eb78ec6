"""What do citizens of the small territory of directory_packs.py write, and what has its classifier learnt from that?"""

from functools import cache

from libs.directory import Pack, Release, compile_pack, parse_pack
from libs.directory.training import train
from tests.unit.directory_packs import SERVICES, files

SAFETY = """\
service,language,words
lamp,fr,fil* pend*
lamp,en,live wire*
"""
EXAMPLES = """\
text,language,service
Il y a un trou dans la route devant chez moi.,fr,pothole
La chaussée est défoncée près du pont.,fr,pothole
Le bitume a disparu et ma roue est cassée.,fr,pothole
Un nid-de-poule profond sur la route.,fr,pothole
La route est pleine de trous.,fr,pothole
Le lampadaire est éteint depuis lundi.,fr,lamp
Plus de lumière dans la rue le soir.,fr,lamp
L'ampoule du réverbère clignote.,fr,lamp
Il fait noir et aucune lampe ne marche.,fr,lamp
La lampe devant le 12 est cassée.,fr,lamp
Un tag couvre le mur de l'école.,fr,graffiti
On a peint des insultes sur la façade.,fr,graffiti
Nettoyez la peinture sur le mur du gymnase.,fr,graffiti
Des graffitis partout sous le pont.,fr,graffiti
Le mur a été tagué cette nuit.,fr,graffiti
Bonjour à tous.,fr,
There is a hole in the road outside my house.,en,pothole
The tarmac is gone and my wheel is bent.,en,pothole
A deep pothole in the middle of the road.,en,pothole
The road is full of holes.,en,pothole
The road surface has sunk by the bridge.,en,pothole
The street light has been out since Monday.,en,lamp
No light in our street in the evening.,en,lamp
The bulb of the lamp post flickers.,en,lamp
It is dark and no lamp works.,en,lamp
The lamp outside number 12 is broken.,en,lamp
A tag covers the wall of the school.,en,graffiti
Somebody painted insults on the front.,en,graffiti
Please clean the paint off the gym wall.,en,graffiti
Graffiti everywhere under the bridge.,en,graffiti
The wall was tagged last night.,en,graffiti
Hello everyone.,en,
"""
# The lamp's advice is in the small territory's own services; here it must not wait either.
URGENT_SERVICES = SERVICES.replace("  safety:", "  urgent: true\n  safety:")


def pack(**changes: str | None) -> Pack:
    """The small territory with texts."""
    return parse_pack(files(**{"safety": SAFETY, "examples": EXAMPLES, **changes}))


@cache
def taught(services: str = SERVICES, territory_more: str = "") -> Release:
    """The territory's release, with a classifier. `territory_more` are further lines of territory.yaml."""
    changes: dict[str, str | None] = {"services": services}
    if territory_more:
        changes["territory"] = files()["territory.yaml"] + territory_more
    file = train(pack(**changes)).file
    compiled = compile_pack(pack(**changes, classifier=file))
    assert compiled.release is not None, compiled.errors
    return compiled.release
