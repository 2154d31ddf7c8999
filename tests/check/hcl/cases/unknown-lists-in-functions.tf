#= aws_ecr_repository_policy.concat external+undecided
#= aws_ecr_repository_policy.format undecided
#= aws_ecr_repository_policy.loop undecided
#= aws_ecr_repository_policy.wild_loop undecided
#= aws_ecr_repository_policy.join undecided
#= aws_ecr_repository_policy.own_roles compliant
#= aws_ecr_repository_policy.guard undecided
variable "readers" {
  type = list(string)
}
variable "roles" {
  type = set(string)
}
locals {
  statement = { Effect = "Allow", Action = "ecr:BatchGetImage" }
}
resource "aws_ecr_repository_policy" "concat" {
  repository = "x"
  policy = jsonencode({
    Statement = [merge(local.statement, { Principal = { AWS = concat(["222233334444"], var.readers) } })]
  })
}
resource "aws_ecr_repository_policy" "format" {
  repository = "x"
  policy = jsonencode({
    Statement = [merge(local.statement, { Principal = { AWS = formatlist("arn:aws:iam::%s:root", var.readers) } })]
  })
}
resource "aws_ecr_repository_policy" "loop" {
  repository = "x"
  policy = jsonencode({
    Statement = [for one in var.readers : merge(local.statement, { Principal = { AWS = one } })]
  })
}
resource "aws_ecr_repository_policy" "wild_loop" {
  repository = "x"
  policy = jsonencode({
    Statement = [for one in var.readers : merge(local.statement, { Principal = "*" })]
  })
}
resource "aws_ecr_repository_policy" "join" {
  repository = "x"
  policy     = <<-EOT
    {"Statement": [{"Effect": "Allow", "Action": "ecr:*", "Principal": {"AWS": ["${join("\",\"", var.readers)}"]}}]}
  EOT
}
resource "aws_ecr_repository_policy" "own_roles" {
  repository = "x"
  policy = jsonencode({
    Statement = [
      merge(local.statement, { Principal = { AWS = [for one in var.roles : "arn:aws:iam::111122223333:role/${one}"] } })
    ]
  })
}
resource "aws_ecr_repository_policy" "guard" {
  repository = "x"
  policy = jsonencode({
    Statement = concat(
      [merge(local.statement, { Principal = "*" })],
      [for one in var.readers : { Effect = "Deny", Principal = "*", Action = "*" }],
    )
  })
}
