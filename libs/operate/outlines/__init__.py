"""How do official outlines of municipalities, as their publishers have them, become those of a territory pack?"""
