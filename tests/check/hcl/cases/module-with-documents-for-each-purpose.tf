#= module.repositories.aws_ecr_repository_policy.name["api"] external
#= module.repositories.aws_ecr_repository_policy.name["web"] external
module "repositories" {
  source        = "./many"
  image_names   = ["api", "web"]
  readers       = ["arn:aws:iam::111122223333:role/node"]
  organizations = ["o-a1b2c3d4e5"]
}
#--- many/main.tf
variable "enabled" {
  type    = bool
  default = true
}
variable "image_names" {
  type = list(string)
}
variable "readers" {
  type    = list(string)
  default = []
}
variable "writers" {
  type    = list(string)
  default = []
}
variable "organizations" {
  type    = list(string)
  default = []
}
locals {
  enabled     = var.enabled
  readers     = length(var.readers) > 0
  writers     = length(var.writers) > 0
  org         = length(var.organizations) > 0
  needed      = local.readers || local.writers || local.org
  image_names = length(var.image_names) > 0 ? var.image_names : ["default"]
}
resource "aws_ecr_repository" "name" {
  for_each = toset(local.enabled ? local.image_names : [])
  name     = each.value
}
data "aws_partition" "current" {
  count = local.enabled ? 1 : 0
}
data "aws_iam_policy_document" "empty" {
  count = local.enabled ? 1 : 0
}
data "aws_iam_policy_document" "readers" {
  count = local.enabled && local.readers ? 1 : 0
  statement {
    sid = "ReadonlyAccess"
    principals {
      type        = "AWS"
      identifiers = var.readers
    }
    actions = ["ecr:BatchGetImage"]
  }
}
data "aws_iam_policy_document" "writers" {
  count = local.enabled && local.writers ? 1 : 0
  statement {
    sid = "FullAccess"
    principals {
      type        = "AWS"
      identifiers = var.writers
    }
    actions = ["ecr:*"]
  }
}
data "aws_iam_policy_document" "organizations" {
  count = local.enabled && local.org ? 1 : 0
  statement {
    sid = "OrganizationsReadonlyAccess"
    principals {
      identifiers = ["*"]
      type        = "*"
    }
    condition {
      test     = "StringEquals"
      values   = var.organizations
      variable = "aws:PrincipalOrgID"
    }
    actions = ["ecr:BatchGetImage"]
  }
}
data "aws_iam_policy_document" "resource" {
  count                   = local.enabled ? 1 : 0
  source_policy_documents = local.readers ? [data.aws_iam_policy_document.readers[0].json] : [data.aws_iam_policy_document.empty[0].json]
  override_policy_documents = distinct([
    local.writers ? data.aws_iam_policy_document.writers[0].json : data.aws_iam_policy_document.empty[0].json,
    local.org ? data.aws_iam_policy_document.organizations[0].json : data.aws_iam_policy_document.empty[0].json,
  ])
}
resource "aws_ecr_repository_policy" "name" {
  for_each   = toset(local.needed && local.enabled ? local.image_names : [])
  repository = aws_ecr_repository.name[each.value].name
  policy     = join("", data.aws_iam_policy_document.resource[*].json)
}
