"""Tasks of Ansible that set the policy of a repository: `community.aws.ecs_ecr`."""
