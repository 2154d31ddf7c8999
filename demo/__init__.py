"""`make demo`: the Config rule at work on a small registry, without an AWS account and without a container."""
