"""Recordings of calls: stereo, encrypted at rest, silent where a secret was given."""
