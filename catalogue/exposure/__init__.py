"""Floor 3: the store's items put together for harvesters: RDF resources, studies, records."""
