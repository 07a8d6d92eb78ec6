"""Which letters need not be sent because a later one says it all?"""
