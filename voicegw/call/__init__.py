"""The heart of a call: events in, commands out. Pure: no sockets, no clock, no environment."""
