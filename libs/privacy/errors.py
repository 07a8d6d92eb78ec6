"""Why can a sealed text not be read? Two answers, because the caller does something different with each."""


class Erased(Exception):
    """The key of this request was destroyed; what was sealed under it is noise for ever, and that is intended."""


class Unreadable(Exception):
    """The sealed text is damaged, or belongs to another field, request or key; somebody must look."""


class KeyFileInvalid(ValueError):
    """A key file is missing or does not hold what it should; the message names the file and the remedy."""
