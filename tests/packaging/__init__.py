"""The distribution as its users get it: built, installed from a mirror on this machine, and run."""
