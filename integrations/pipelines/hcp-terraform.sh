#!/bin/sh
# A run of HCP Terraform from the command line, by Terraform 1.6 or later, in a workspace without a repository of its own.
# https://developer.hashicorp.com/terraform/cloud-docs/run/modes-and-options#saved-plans
set -eu
terraform plan -input=false -out=plan.bin
terraform show -json plan.bin >plan.json
ecr-crossaccount check --account 111122223333 --trust trust.yaml plan.json
terraform apply -input=false plan.bin
