"""What the formats share: values with holes and places, and the data and texts that they are read from."""
