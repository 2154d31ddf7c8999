#= aws_ecr_repository_policy.this[0] external
#! skipped module `inputs`: its source, `../../modules//vpc`, is not here
#--- live/ecr/terragrunt.hcl
terraform {
  source = "../../modules//ecr"
}
inputs = {
  readers = ["arn:aws:iam::222233334444:root"]
}
#--- live/vpc/terragrunt.hcl
terraform {
  source = "../../modules//vpc"
}
#--- modules/ecr/main.tf
variable "readers" {
  default = []
}
resource "aws_ecr_repository_policy" "this" {
  count      = length(var.readers) > 0 ? 1 : 0
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = var.readers }, Action = "ecr:*" }] })
}
