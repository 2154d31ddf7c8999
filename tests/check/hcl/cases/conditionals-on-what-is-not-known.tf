#= aws_ecr_repository_policy.either_way external
#= aws_ecr_repository_policy.perhaps_open undecided
#= aws_ecr_repository_policy.perhaps_more undecided
#= aws_ecr_repository_policy.chained external
#= aws_ecr_repository_policy.shortcut[0] external
#= aws_ecr_repository_policy.null_or_unknown undecided
variable "switch" {
  type = bool
}
variable "stage" {
  default = "test"
}
locals {
  own  = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "111122223333" }, Action = "ecr:*" }] })
  open = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "either_way" {
  repository = "x"
  policy = jsonencode({
    Statement = [{
      Sid       = var.switch ? "one" : "other"
      Effect    = "Allow"
      Principal = { AWS = "222233334444" }
      Action    = "ecr:BatchGetImage"
    }]
  })
}
resource "aws_ecr_repository_policy" "perhaps_open" {
  repository = "x"
  policy     = var.switch ? local.open : local.own
}
resource "aws_ecr_repository_policy" "perhaps_more" {
  repository = "x"
  policy = jsonencode({
    Statement = concat(
      [{ Effect = "Allow", Principal = { AWS = "111122223333" }, Action = "ecr:*" }],
      var.switch ? [{ Effect = "Allow", Principal = "*", Action = "ecr:BatchGetImage" }] : [],
    )
  })
}
resource "aws_ecr_repository_policy" "chained" {
  repository = "x"
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = var.stage == "prod" ? "111122223333" : var.stage == "test" ? "222233334444" : "111122223333" }
      Action    = "ecr:BatchGetImage"
    }]
  })
}
resource "aws_ecr_repository_policy" "shortcut" {
  count      = var.stage == "test" || var.switch ? 1 : 0
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "222233334444" }, Action = "ecr:*" }] })
}
variable "partner" {
  type = string
}
resource "aws_ecr_repository_policy" "null_or_unknown" {
  repository = "x"
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { AWS = var.switch ? null : var.partner }, Action = "ecr:*" }]
  })
}
