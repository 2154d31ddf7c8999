"""Ansible tasks that set the policy of a repository: `community.aws.ecs_ecr`."""
