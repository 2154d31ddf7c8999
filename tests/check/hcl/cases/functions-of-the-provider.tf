#= aws_ecr_repository_policy.built external
#= aws_ecr_repository_policy.parsed compliant
#= aws_ecr_repository_policy.no_arn undecided
#= aws_ecr_repository_policy.rendered external
#= aws_ecr_repository_policy.rendered_from_lines external
#= aws_ecr_repository_policy.of_an_unknown_text undecided
data "aws_caller_identity" "this" {}
variable "partner" {
  default = "222233334444"
}
variable "template" {}
locals {
  lines = <<-EOT
    {"Statement": [
      {"Effect": "Allow", "Principal": {"AWS": "$${account}"}, "Action": "ecr:*"}
    ]}
  EOT
}
resource "aws_ecr_repository_policy" "built" {
  repository = "x"
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = provider::aws::arn_build("aws", "iam", "", var.partner, "root") }
      Action    = "ecr:*"
    }]
  })
}
resource "aws_ecr_repository_policy" "parsed" {
  repository = "x"
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = provider::aws::arn_parse("arn:aws:iam::111122223333:role/deploy").account_id }
      Action    = "ecr:*"
    }]
  })
}
resource "aws_ecr_repository_policy" "no_arn" {
  repository = "x"
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { AWS = provider::aws::arn_parse("role/deploy").account_id }, Action = "ecr:*" }]
  })
}
resource "aws_ecr_repository_policy" "rendered" {
  repository = "x"
  policy = templatestring(
    "{\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"$${account}\"}, \"Action\": \"ecr:*\"}]}",
    { account = var.partner },
  )
}
resource "aws_ecr_repository_policy" "rendered_from_lines" {
  repository = "x"
  policy     = templatestring(local.lines, { account = var.partner }) #@ aws_ecr_repository_policy.rendered_from_lines
}
resource "aws_ecr_repository_policy" "of_an_unknown_text" {
  repository = "x"
  policy     = templatestring(var.template, {})
}
