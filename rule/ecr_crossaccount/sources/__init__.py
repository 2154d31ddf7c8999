"""Where documents come from: files and their formats, AWS, and the register."""
