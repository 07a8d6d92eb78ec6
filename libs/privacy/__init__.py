"""How is what is personal sealed, kept, and forgotten?"""
