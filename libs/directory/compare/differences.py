"""Everything that a newer release does differently, in the order in which people ask."""

from libs.directory.cells import Effect
from libs.directory.compare.change import Change, Teller
from libs.directory.compare.lists import code_changes, list_changes, postal_changes
from libs.directory.compare.moved import boundary_changes, layer_changes
from libs.directory.compare.owners_said import owner_changes
from libs.directory.compare.renamed import with_codes_of
from libs.directory.release import Release
from libs.directory.sentences import Phrasebook


def differences(old: Release, new: Release) -> list[Change]:
    """Who owns what first, then what the packs list, then boundaries. The same two releases give the same list."""
    tell = Teller(Phrasebook(new.territory.languages))
    before = with_codes_of(old, new)
    return [
        *owner_changes(Effect(before), Effect(new), tell),
        *list_changes(old, new, tell),
        *postal_changes(before, new, tell),
        *code_changes(before, new, tell),
        *boundary_changes(before, new, tell),
        *layer_changes(old, new, tell),
    ]
