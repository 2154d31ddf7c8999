#= module.ecr.aws_ecr_repository_policy.name["api"] external
#= module.open.aws_ecr_repository_policy.name["web"] public
#! skipped module `this`
module "ecr" {
  source      = "./ecr"
  image_names = ["api"]
  readers     = ["arn:aws:iam::222233334444:root"]
}
module "open" {
  source      = "./ecr"
  image_names = ["web"]
  readers     = ["*"]
}
#--- ecr/context.tf
module "this" {
  source  = "example/label/null"
  version = "0.25.0"
  enabled = var.enabled
}
variable "enabled" {
  type    = bool
  default = null
}
#--- ecr/main.tf
variable "image_names" {
  type    = list(string)
  default = []
}
variable "readers" {
  type    = list(string)
  default = []
}
variable "lambdas" {
  type    = list(string)
  default = []
}
locals {
  readers     = length(var.readers) > 0
  lambdas     = length(var.lambdas) > 0
  needed      = length(var.readers) + length(var.lambdas) > 0
  _name       = module.this.id
  image_names = length(var.image_names) > 0 ? var.image_names : [local._name]
}
resource "aws_ecr_repository" "name" {
  for_each = toset(module.this.enabled ? local.image_names : [])
  name     = each.value
}
data "aws_partition" "current" {
  count = module.this.enabled ? 1 : 0
}
data "aws_iam_policy_document" "empty" {
  count = module.this.enabled ? 1 : 0
}
data "aws_iam_policy_document" "readers" {
  count = module.this.enabled ? 1 : 0
  statement {
    sid = "ReadonlyAccess"
    principals {
      type        = "AWS"
      identifiers = var.readers
    }
    actions = ["ecr:BatchGetImage"]
  }
}
data "aws_iam_policy_document" "lambdas" {
  count = module.this.enabled && length(var.lambdas) > 0 ? 1 : 0
  statement {
    sid = "LambdaAccess"
    principals {
      type        = "AWS"
      identifiers = formatlist("arn:%s:iam::%s:root", data.aws_partition.current[0].partition, var.lambdas)
    }
    actions = ["ecr:BatchGetImage"]
  }
}
data "aws_iam_policy_document" "resource" {
  count = module.this.enabled ? 1 : 0
  source_policy_documents = local.readers ? concat(
    [data.aws_iam_policy_document.readers[0].json],
    local.lambdas ? [data.aws_iam_policy_document.lambdas[0].json] : [],
  ) : [data.aws_iam_policy_document.empty[0].json]
}
resource "aws_ecr_repository_policy" "name" {
  for_each   = toset(local.needed && module.this.enabled ? local.image_names : [])
  repository = aws_ecr_repository.name[each.value].name
  policy     = join("", data.aws_iam_policy_document.resource[*].json)
}
