"""Everything that a newer release does differently, in the order in which people ask."""

from libs.directory.cells import Effect
from libs.directory.compare.change import Change, Teller
from libs.directory.compare.lists import list_changes
from libs.directory.compare.moved import boundary_changes, layer_changes
from libs.directory.compare.owners_said import owner_changes
from libs.directory.release import Release
from libs.directory.sentences import Phrasebook


def differences(old: Release, new: Release) -> list[Change]:
    """Who owns what first, then what the packs list, then boundaries. The same two releases give the same list."""
    tell = Teller(Phrasebook(new.territory.languages))
    return [
        *owner_changes(Effect(old), Effect(new), tell),
        *list_changes(old, new, tell),
        *boundary_changes(old, new, tell),
        *layer_changes(old, new, tell),
    ]
