"""Who may use the console and the API, and what they did there."""
