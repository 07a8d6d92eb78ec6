"""How does a varied stream of requests go through the running system, and what comes of it?"""
