"""Plans the narrowest policy that keeps trusted access. Computes only, like `access/`."""
