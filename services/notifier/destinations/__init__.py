"""Which destinations are away, and whom are their refusals about?"""
