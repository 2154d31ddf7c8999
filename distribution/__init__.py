"""What a release has for people who install the command: wheel, source distribution, formula, and what is in it all."""
