"""How is everything that a system knows put into one file, and brought back from it?"""
