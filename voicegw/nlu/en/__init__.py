"""English: how values are said."""
