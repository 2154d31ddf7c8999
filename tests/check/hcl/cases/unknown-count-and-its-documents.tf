#= aws_ecr_repository_policy.indexed[0] external
#= aws_ecr_repository_policy.splat external
#= aws_ecr_repository_policy.role[0] undecided
#= aws_ecr_repository_policy.of_unknown_repositories external
variable "role_arn" {
  type = string
}
variable "extra" {
  type = list(string)
}
locals {
  pull = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { AWS = "222233334444" }, Action = "ecr:BatchGetImage" }]
  })
}
data "aws_iam_policy_document" "pull" {
  count = length(var.extra) > 0 ? 1 : 0
  statement {
    actions = ["ecr:BatchGetImage"]
    principals {
      type        = "AWS"
      identifiers = ["222233334444"]
    }
  }
}
resource "aws_ecr_repository" "many" {
  for_each = toset(var.extra)
  name     = each.key
}
resource "aws_ecr_repository_policy" "indexed" {
  count      = length(var.extra) > 0 ? 1 : 0
  repository = "x"
  policy     = data.aws_iam_policy_document.pull[0].json
}
resource "aws_ecr_repository_policy" "splat" {
  repository = "x"
  policy     = join("", data.aws_iam_policy_document.pull.*.json)
}
resource "aws_ecr_repository_policy" "role" {
  count      = var.role_arn != null ? 1 : 0
  repository = "x"
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { AWS = var.role_arn }, Action = ["ecr:BatchGetImage"] }]
  })
}
resource "aws_ecr_repository_policy" "of_unknown_repositories" {
  for_each   = length(var.extra) > 0 ? aws_ecr_repository.many : {}
  repository = each.value.name
  policy     = local.pull
}
