"""One module per part of the address space. A route parses, calls the catalogue and renders; nothing else."""
