#= aws_ecr_repository_policy.circle undecided
locals {
  a = local.b
  b = [local.a]
}
resource "aws_ecr_repository_policy" "circle" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = local.a }, Action = "ecr:*" }] })
}
