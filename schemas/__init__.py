"""Package data: which XML schemas of DDI-Lifecycle the catalogue accepts (``registry.json``), and their local cache."""
