"""Floor 2: DDI-Lifecycle XML in and out."""
