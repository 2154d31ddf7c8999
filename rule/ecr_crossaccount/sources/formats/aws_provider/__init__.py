"""The resources of the AWS provider: the same in Terraform's plans, states and sources, and in Pulumi's programs."""
