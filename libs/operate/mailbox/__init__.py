"""Where do the mails of a system on one machine go, so that they can be looked at and counted?"""
