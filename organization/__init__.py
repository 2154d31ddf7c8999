"""What an organization deploys: templates without macros, and the functions' code, made by `make release`."""
