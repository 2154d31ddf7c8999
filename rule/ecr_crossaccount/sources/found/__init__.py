"""What is found in files: policies with their places, states and registries, in their context."""
