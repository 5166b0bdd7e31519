"""Strings of spoken digits, found in an encoder's states of their sound: a small network and a search. Pure."""
