"""`make demo`: the Config rule on a small registry, without an AWS account and without a container."""
