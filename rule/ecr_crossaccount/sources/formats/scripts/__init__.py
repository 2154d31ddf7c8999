"""AWS CLI commands that set an ECR policy, in scripts and in other files that contain a script."""
