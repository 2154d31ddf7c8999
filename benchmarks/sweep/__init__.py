"""A scheduled run over a large registry, on simulated APIs. ../README.md explains each figure."""
