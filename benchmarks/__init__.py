"""The speed of a judgement, as ratios to other tools in the same run. README.md explains each figure."""
