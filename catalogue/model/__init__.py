"""Floor 1: frozen value objects named as in DDI-Lifecycle. Imports no other room of the house."""
