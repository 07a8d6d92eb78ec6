"""What do people at work see: the desk that chooses, and the department that answers from a mail?"""
