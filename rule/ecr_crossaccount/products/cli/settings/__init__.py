"""Settings: the values of a command's options that are not on the command line, from a file or the environment.

`keys` is the table of settings, reads those of the environment, and decides which source wins. `values` defines their
types, `files` reads the file, `options` passes them to a command, and `schema` describes them for editors.
"""
