"""What the agent does in the company's systems."""
