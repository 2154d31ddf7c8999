"""How fast a policy is judged, as ratios to its peers in one run; README.md says what each figure means."""
