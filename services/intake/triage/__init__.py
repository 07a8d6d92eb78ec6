"""How do requests that no rule decides reach a person, and how does that person's choice take effect?"""
