"""The formats of the answers: for each command how a person and how a program reads them, and the parts they share."""
