#= module.called.aws_ecr_repository_policy.this external
#= aws_ecr_repository_policy.by_variable external
#= aws_ecr_repository_policy.by_document external
#= aws_ecr_repository_policy.by_output external
#= aws_ecr_repository_policy.by_local external
#= aws_ecr_repository_policy.added external
variable "who" {
  default = "111122223333"
}
locals {
  local_who = "111122223333"
}
resource "aws_ecr_repository_policy" "by_local" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = local.local_who }, Action = "ecr:*" }] })
}
data "aws_iam_policy_document" "pull" {
  statement {
    actions = ["ecr:*"]
    principals {
      type        = "AWS"
      identifiers = ["111122223333"]
    }
  }
}
module "called" {
  source = "./called"
  who    = "111122223333"
}
resource "aws_ecr_repository_policy" "by_variable" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = var.who }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "by_document" {
  policy = data.aws_iam_policy_document.pull.json
}
resource "aws_ecr_repository_policy" "by_output" {
  policy = module.called.json
}
#--- override.tf
locals {
  local_who = "222233334444"
}
variable "who" {
  default = "222233334444"
}
data "aws_iam_policy_document" "pull" {
  statement {
    actions = ["ecr:BatchGetImage"]
    principals {
      type        = "AWS"
      identifiers = ["222233334444"]
    }
  }
}
module "called" {
  who = "222233334444"
}
resource "aws_ecr_repository_policy" "added" {
  policy = data.aws_iam_policy_document.pull.json
}
#--- called/main.tf
variable "who" {}
locals {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = var.who }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "this" {
  policy = local.policy
}
output "json" {
  value = "{}"
}
#--- called/out_override.tf
output "json" {
  value = local.policy
}
