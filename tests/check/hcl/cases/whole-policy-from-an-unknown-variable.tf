#= aws_ecr_repository_policy.given undecided
#= aws_ecr_repository_policy.either undecided
#= aws_ecr_repository_policy.same_either_way external+undecided
variable "policy" {
  type = string
}
locals {
  pull = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { AWS = "222233334444" }, Action = "ecr:BatchGetImage" }]
  })
  push = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { AWS = "222233334444" }, Action = ["ecr:BatchGetImage", "ecr:PutImage"] }]
  })
}
resource "aws_ecr_repository_policy" "given" {
  repository = "x"
  policy     = var.policy
}
resource "aws_ecr_repository_policy" "either" {
  repository = "x"
  policy     = var.policy != "" ? var.policy : local.pull
}
resource "aws_ecr_repository_policy" "same_either_way" {
  repository = "x"
  policy     = var.policy == "push" ? local.push : local.pull
}
