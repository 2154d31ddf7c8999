"""The remedy: from a verdict to the narrowest policy that keeps what is trusted. Computes only, like `access/`."""
