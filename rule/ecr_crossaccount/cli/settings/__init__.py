"""Settings: what a command does when no option says it, from a file or from the environment.

`keys` is the table of them; `values` says what each may be; `files` and `environment` read them; `holding` decides
which holds; `options` hands them to a command; `schema` describes them to an editor.
"""
