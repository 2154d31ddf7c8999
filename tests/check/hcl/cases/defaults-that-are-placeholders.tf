#$ --parameter settled= .
#= aws_ecr_repository_policy.null_text undecided
#= aws_ecr_repository_policy.empty_text undecided
#= aws_ecr_repository_policy.empty_list undecided
#= aws_ecr_repository_policy.list_of_nothing undecided
#= aws_ecr_repository_policy.list_of_accounts undecided
#= aws_ecr_repository_policy.statement_for_each undecided
#= aws_ecr_repository_policy.open_without_organization public+undecided
#= aws_ecr_repository_policy.in_the_sid compliant
#= aws_ecr_repository_policy.settled invalid
#= aws_ecr_repository_policy.handed_by_the_caller compliant
#= aws_ecr_repository_policy.in_a_file compliant
#= module.child.aws_ecr_repository_policy.this compliant
#= module.open_child.aws_ecr_repository_policy.this undecided
#= module.table.aws_ecr_repository_policy.this[0] undecided
variable "null_text" {
  default = null
}
variable "empty_text" {
  default = ""
}
variable "empty_list" {
  type    = list(string)
  default = []
}
variable "list_of_nothing" {
  default = [""]
}
variable "organization" {
  default = ""
}
variable "settled" {
  default = "x"
}
variable "in_a_file" {
  default = []
}
resource "aws_ecr_repository_policy" "null_text" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::${coalesce(var.null_text, "111122223333")}:root" }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "empty_text" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::${var.empty_text}:root" }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "empty_list" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = var.empty_list }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "list_of_nothing" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = [for one in var.list_of_nothing : "arn:aws:iam::${one}:root"] }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "list_of_accounts" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = concat(["arn:aws:iam::111122223333:root"], var.empty_list) }, Action = "ecr:*" }] })
}
data "aws_iam_policy_document" "statement_for_each" {
  dynamic "statement" {
    for_each = length(var.empty_list) > 0 ? [1] : []
    content {
      actions = ["ecr:*"]
      principals {
        type        = "AWS"
        identifiers = var.empty_list
      }
    }
  }
}
resource "aws_ecr_repository_policy" "statement_for_each" {
  policy = data.aws_iam_policy_document.statement_for_each.json
}
data "aws_iam_policy_document" "open_without_organization" {
  statement {
    actions = ["ecr:BatchGetImage"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    dynamic "condition" {
      for_each = var.organization == "" ? [] : [1]
      content {
        test     = "StringEquals"
        variable = "aws:PrincipalOrgID"
        values   = [var.organization]
      }
    }
  }
}
resource "aws_ecr_repository_policy" "open_without_organization" {
  policy = data.aws_iam_policy_document.open_without_organization.json
}
resource "aws_ecr_repository_policy" "in_the_sid" {
  policy = jsonencode({ Statement = [{ Sid = "A${var.empty_text}", Effect = "Allow", Principal = { AWS = "111122223333" }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "settled" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::${var.settled}:root" }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "handed_by_the_caller" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = coalesce(null, "111122223333") }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "in_a_file" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = var.in_a_file }, Action = "ecr:*" }] })
}
module "child" {
  source = "./child"
}
module "open_child" {
  source  = "./child"
  readers = var.empty_list
}
module "table" {
  source                      = "terraform-aws-modules/ecr/aws"
  version                     = "3.2.0"
  repository_read_access_arns = var.empty_list
}
#--- terraform.tfvars
in_a_file = []
#--- child/main.tf
variable "readers" {
  default = []
}
resource "aws_ecr_repository_policy" "this" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = var.readers }, Action = "ecr:*" }] })
}
