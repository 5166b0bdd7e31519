"""Understanding words: slot parsers, and routing over given sentence vectors. Pure and deterministic."""
