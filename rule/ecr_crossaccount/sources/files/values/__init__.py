"""The parts that all formats share: values with holes and places, and the data and texts that they come from."""
