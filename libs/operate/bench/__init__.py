"""How fast is it, against what this machine can do at the same minute?"""
