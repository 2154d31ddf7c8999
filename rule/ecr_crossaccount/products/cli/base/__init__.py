"""What every command rests on: options, outputs, files, messages and the exit status."""
