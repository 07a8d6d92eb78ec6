"""How does a request come in, and how does its sender learn what became of it?"""
