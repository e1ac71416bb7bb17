"""Floor 2: OAI-PMH 2.0."""
