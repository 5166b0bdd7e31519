"""Dialplans: what an admin writes. Model, parser and checks are pure; ``files`` reads them from disk."""
