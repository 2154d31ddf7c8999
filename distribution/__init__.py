"""The parts of a release for users of the command: wheel, source distribution, and bills of materials."""
