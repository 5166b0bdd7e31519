"""Calls in progress, as they are seen from the console."""
