#!/bin/sh
# A run of HCP Terraform from the command line: the plan is made there, and saved here by -out.
# https://developer.hashicorp.com/terraform/cli/cloud/command-line-arguments
set -eu
terraform plan -input=false -out=plan.bin
terraform show -json plan.bin >plan.json
ecr-crossaccount check --account 111122223333 --trust trust.yaml plan.json
terraform apply -input=false plan.bin
