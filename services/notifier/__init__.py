"""Who is told what about a request, once, and how do we know that it arrived?"""
