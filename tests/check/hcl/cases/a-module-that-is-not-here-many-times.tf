#= aws_ecr_repository_policy.for undecided
#= aws_ecr_repository_policy.splat undecided
#= aws_ecr_repository_policy.values undecided
#= aws_ecr_repository_policy.beside_one public+undecided
#= aws_ecr_repository_policy.heredoc compliant
#= aws_ecr_repository_policy.of_each["a"] public
#= aws_ecr_repository_policy.of_count[0] public
#! skipped module `roles`
#! skipped module `counted`
module "roles" {
  source   = "example/role/aws"
  for_each = toset(["a"])
}
module "counted" {
  source = "example/role/aws"
  count  = 1
}
locals {
  open = [{ Effect = "Allow", Principal = "*", Action = "ecr:BatchGetImage" }]
}
resource "aws_ecr_repository_policy" "for" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = [for one in module.roles : one.arn] }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "splat" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = module.counted[*].arn }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "values" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = values(module.roles)[*].arn }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "beside_one" {
  repository = "x"
  policy     = jsonencode({ Statement = concat(local.open, [{ Effect = "Allow", Principal = { AWS = module.roles["a"].arn }, Action = "ecr:*" }]) })
}
resource "aws_ecr_repository_policy" "heredoc" {
  repository = "x"
  policy     = <<-JSON
    {"Statement": [{"Sid": "${module.counted[0].id}", "Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "ecr:*"}]}
  JSON
}
resource "aws_ecr_repository_policy" "of_each" {
  for_each   = module.roles
  repository = each.key
  policy     = jsonencode({ Statement = local.open })
}
resource "aws_ecr_repository_policy" "of_count" {
  count      = length(module.counted)
  repository = module.counted[count.index].name
  policy     = jsonencode({ Statement = local.open })
}
