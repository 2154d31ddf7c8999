#= aws_ecr_repository_creation_template.cache external
#= awscc_ecr_repository.bare compliant
#= awscc_ecr_repository.open public
data "aws_caller_identity" "current" {}
data "aws_region" "current" {}
locals {
  pull = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = "222233334444" }, Action = "ecr:BatchGetImage" }]
  })
}
resource "aws_ecr_repository_creation_template" "cache" {
  prefix            = "cache"
  applied_for       = ["PULL_THROUGH_CACHE"]
  repository_policy = local.pull
}
resource "awscc_ecr_repository" "bare" {
  repository_name = "bare"
}
resource "awscc_ecr_repository" "open" {
  repository_policy_text = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:*" }] })
}
