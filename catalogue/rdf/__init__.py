"""Floor 2: items to RDF by tables of terms, and the stores that hold triples."""
