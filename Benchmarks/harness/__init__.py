"""What `Benchmarks/run` is made of; each module's first line says what it is for."""
