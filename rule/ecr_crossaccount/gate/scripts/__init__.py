"""Commands of the AWS CLI that set a policy of ECR, in scripts and wherever a script stands in another file."""
