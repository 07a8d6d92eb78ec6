"""How do people at one desk share their work: find, take in hand, leave a word, look back?"""
