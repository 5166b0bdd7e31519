"""Chaos: real calls that book, pay and ask while processes are killed, servers go away and the backend misbehaves."""
