"""What people and other programs read over HTTP."""
