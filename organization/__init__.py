"""The files that an organization deploys: templates without macros, and the functions' code.

`make release` creates them.
"""
