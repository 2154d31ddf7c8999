"""The parts of a release for users of the command: wheel, source distribution, formula, and bills of materials."""
