"""Floor 4: the browsable API and its pages. Routes parse, call the catalogue's service, and render."""
