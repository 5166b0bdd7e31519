"""Reading Korean."""
