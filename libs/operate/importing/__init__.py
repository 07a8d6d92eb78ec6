"""How do official registers, contours and a town's own lists become the first draft of a territory pack?"""
