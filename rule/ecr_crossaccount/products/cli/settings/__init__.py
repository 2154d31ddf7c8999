"""Settings: the values of a command's options that are not on the command line, from a file or the environment.

`keys` is the table of settings, and `values` defines their types. `files` and `environment` read them, `holding`
decides which source wins, `options` passes them to a command, and `schema` describes them for editors.
"""
