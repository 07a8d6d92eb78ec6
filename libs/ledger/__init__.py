"""How can an outsider check that a log was only ever appended to?"""
