#= aws_ecr_repository_policy.this undecided
#= aws_ecr_repository_policy.this undecided
#= module.ecr.aws_ecr_repository_policy.this undecided
#= module.ecr.aws_ecr_repository_policy.this undecided
#= aws_ecr_repository_policy.sorted public+undecided
variable "a" {}
variable "b" {}
resource "aws_ecr_repository_policy" "this" {
  for_each = toset([var.a, var.b])
  policy   = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = each.value }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "sorted" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = sort([var.a, "*"]) }, Action = "ecr:*" }] })
}
module "ecr" {
  source   = "./ecr"
  for_each = toset([var.a, var.b])
  who      = each.key
}
#--- ecr/main.tf
variable "who" {}
resource "aws_ecr_repository_policy" "this" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = var.who }, Action = "ecr:*" }] })
}
