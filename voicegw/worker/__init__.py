"""One call's process: hear, decide, speak."""
