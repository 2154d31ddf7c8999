"""Plans the narrowest policy that keeps trusted access."""
