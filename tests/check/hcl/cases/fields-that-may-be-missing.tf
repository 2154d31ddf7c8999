#= aws_ecr_repository_policy.in_both undecided
#= aws_ecr_repository_policy.looked_up undecided
#= aws_ecr_repository_policy.got undecided
#= aws_ecr_repository_policy.merged undecided
#= aws_ecr_repository_policy.merged_twice undecided
#= aws_ecr_repository_policy.condition undecided
#= aws_ecr_repository_policy.by_names undecided
#= aws_ecr_repository_policy.by_values undecided
#= aws_ecr_repository_policy.counted undecided
#= aws_ecr_repository_policy.of_each["own"] compliant
#= aws_ecr_repository_policy.of_each["other"] external
variable "flag" {}
variable "accounts" {}
locals {
  known = { own = "111122223333", other = "222233334444" }
  some  = { for name, account in local.known : name => account if var.flag == name }
  own   = { for name in ["who"] : name => "111122223333" if var.flag }
  principals = {
    in_both      = setintersection(["222233334444"], var.accounts)
    looked_up    = lookup(local.own, "who", "*")
    got          = try(local.own.who, "*")
    merged       = merge({ who = "*" }, local.own).who
    merged_twice = merge(local.own, { for name in ["who"] : name => "*" if var.accounts }).who
    by_names     = keys({ for account in ["222233334444"] : account => 1 if var.flag })
    by_values    = values(local.some)
    counted      = length(local.own) > 0 ? "111122223333" : "*"
  }
}
resource "aws_ecr_repository_policy" "in_both" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = local.principals.in_both }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "looked_up" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = local.principals.looked_up }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "got" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = local.principals.got }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "merged" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = local.principals.merged }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "merged_twice" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = local.principals.merged_twice }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "condition" {
  repository = "x"
  policy = jsonencode({ Statement = [{
    Effect    = "Allow"
    Principal = "*"
    Action    = "ecr:*"
    Condition = { for name in ["StringEquals"] : name => { "aws:PrincipalAccount" = "111122223333" } if var.flag }
  }] })
}
resource "aws_ecr_repository_policy" "by_names" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = local.principals.by_names }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "by_values" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = local.principals.by_values }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "counted" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = local.principals.counted }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "of_each" {
  for_each   = local.some
  repository = each.key
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = each.value }, Action = "ecr:*" }] })
}
