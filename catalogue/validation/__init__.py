"""Validation: the DDI-L XML schemas, the verdict with its explanation, identity and reference findings, rendering."""
