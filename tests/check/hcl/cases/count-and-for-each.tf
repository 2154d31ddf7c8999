#= aws_ecr_repository_policy.counted[0] compliant
#= aws_ecr_repository_policy.counted[1] compliant
#= aws_ecr_repository_policy.keyed["a"] compliant
#= aws_ecr_repository_policy.keyed["b/c"] external
#= aws_ecr_repository_policy.off[0] public
#= aws_ecr_repository_policy.unknown_count[0] external
#= aws_ecr_repository_policy.unknown_keys external
#= aws_ecr_repository_policy.of_repositories["api"] external
#= aws_ecr_repository_policy.of_repositories["web"] external
variable "names" {
  default = ["one", "two"]
}
variable "off" {
  default = false
}
variable "switch" {}
variable "keys" {}
locals {
  own = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "111122223333" }, Action = "ecr:*" }] })
  pull = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { AWS = "222233334444" }, Action = "ecr:BatchGetImage" }]
  })
  open = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:*" }] })
}
resource "aws_ecr_repository" "this" {
  for_each = toset(["api", "web"])
  name     = "team/${each.value}"
}
resource "aws_ecr_repository_policy" "counted" {
  count      = length(var.names)
  repository = var.names[count.index]
  policy     = local.own
}
resource "aws_ecr_repository_policy" "off" {
  count      = var.off ? 1 : 0
  repository = "x"
  policy     = local.open
}
resource "aws_ecr_repository_policy" "keyed" {
  for_each   = { a = local.own, "b/c" = local.pull }
  repository = each.key
  policy     = each.value
}
resource "aws_ecr_repository_policy" "unknown_count" {
  count      = var.switch ? 1 : 0
  repository = "x"
  policy     = local.pull
}
resource "aws_ecr_repository_policy" "unknown_keys" {
  for_each   = toset(var.keys)
  repository = each.key
  policy     = local.pull
}
resource "aws_ecr_repository_policy" "of_repositories" {
  for_each   = aws_ecr_repository.this
  repository = each.value.name
  policy     = local.pull
}
