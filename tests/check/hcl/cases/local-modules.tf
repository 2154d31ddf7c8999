#= module.open.aws_ecr_repository_policy.this public
#= module.own.aws_ecr_repository_policy.this compliant
#= module.each["a"].aws_ecr_repository_policy.this external
#= module.each["b"].aws_ecr_repository_policy.this compliant
#= module.outer.module.inner.aws_ecr_repository_policy.this external
#= aws_ecr_repository_policy.from_output external
#! skipped module `remote`
module "open" {
  source = "./ecr"
  name   = "open"
  who    = ["*"]
}
module "own" {
  source = "./ecr/"
  name   = "own"
  who    = ["111122223333"]
}
module "each" {
  source   = "./ecr"
  for_each = { a = "222233334444", b = "111122223333" }
  name     = each.key
  who      = [each.value]
}
module "outer" {
  source = "./outer"
}
module "policy" {
  source  = "./policy"
  readers = ["222233334444"]
}
module "remote" {
  source  = "example/remote/aws"
  version = "~> 2.0"
}
resource "aws_ecr_repository_policy" "from_output" {
  repository = "x"
  policy     = module.policy.json
}
#--- ecr/main.tf
variable "name" {}
variable "who" {
  type = list(string)
}
resource "aws_ecr_repository" "this" {
  name = var.name
}
data "aws_iam_policy_document" "this" {
  statement { #@ module.open.aws_ecr_repository_policy.this
    actions = ["ecr:BatchGetImage"]
    principals {
      type        = "AWS"
      identifiers = var.who
    }
  }
}
resource "aws_ecr_repository_policy" "this" {
  repository = aws_ecr_repository.this.name
  policy     = data.aws_iam_policy_document.this.json
}
#--- outer/main.tf
module "inner" {
  source = "../ecr"
  name   = "inner"
  who    = ["222233334444"]
}
#--- policy/main.tf
variable "readers" {}
data "aws_iam_policy_document" "this" {
  statement { #@ aws_ecr_repository_policy.from_output
    actions = ["ecr:BatchGetImage"]
    principals {
      type        = "AWS"
      identifiers = formatlist("arn:aws:iam::%s:root", var.readers)
    }
  }
}
output "json" {
  value = data.aws_iam_policy_document.this.json
}
