"""A browser as a caller: a real Chromium on the console's own page, measured as a phone is."""
