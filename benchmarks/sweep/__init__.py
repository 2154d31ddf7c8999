"""A scheduled run over a large registry, on simulated APIs; ../README.md says what each figure means."""
