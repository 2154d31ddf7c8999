#! skipped {absent.module_none_called}
#= module.private.aws_ecr_repository_policy.this[0] compliant
#= module.shared.aws_ecr_repository_policy.this[0] external
#= module.lambda.aws_ecr_repository_policy.this[0] service
#= module.own_policy.aws_ecr_repository_policy.this[0] external
module "private" {
  source = "./ecr"
  name   = "private"
}
module "shared" {
  source          = "./ecr"
  name            = "shared"
  readers         = ["arn:aws:iam::222233334444:root"]
  readers_writers = ["arn:aws:iam::111122223333:role/ci"]
}
module "lambda" {
  source         = "./ecr"
  name           = "lambda"
  lambda_readers = true
}
module "none" {
  source        = "./ecr"
  name          = "none"
  attach_policy = false
}
module "own_policy" {
  source        = "./ecr"
  name          = "own"
  create_policy = false
  policy        = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "222233334444" }, Action = "ecr:*" }] })
}
#--- ecr/main.tf
locals {
  create = var.create && var.type == "private"
}
data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_iam_policy_document" "repository" {
  count = local.create && var.create_policy ? 1 : 0
  dynamic "statement" {
    for_each = var.type == "private" ? [1] : []
    content {
      sid = "ReadOnly"
      principals {
        type = "AWS"
        identifiers = coalescelist(
          concat(var.readers, var.readers_writers),
          ["arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root"],
        )
      }
      actions = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    }
  }
  dynamic "statement" {
    for_each = var.type == "private" && (var.lambda_readers || length(var.lambda_arns) > 0) ? [1] : []
    content {
      sid = "Lambda"
      principals {
        type        = "Service"
        identifiers = ["lambda.amazonaws.com"]
      }
      actions = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      dynamic "condition" {
        for_each = length(var.lambda_arns) > 0 ? [1] : []
        content {
          test     = "StringLike"
          variable = "aws:sourceArn"
          values   = var.lambda_arns
        }
      }
    }
  }
  dynamic "statement" {
    for_each = length(var.readers_writers) > 0 ? [var.readers_writers] : []
    content {
      sid = "ReadWrite"
      principals {
        type        = "AWS"
        identifiers = statement.value
      }
      actions = ["ecr:PutImage"]
    }
  }
  dynamic "statement" {
    for_each = var.statements != null ? var.statements : {}
    content {
      sid     = try(statement.value.sid, statement.key)
      effect  = try(statement.value.effect, null)
      actions = try(statement.value.actions, null)
      dynamic "principals" {
        for_each = try(statement.value.principals, [])
        content {
          type        = principals.value.type
          identifiers = principals.value.identifiers
        }
      }
    }
  }
}
resource "aws_ecr_repository" "this" {
  count = local.create ? 1 : 0
  name  = var.name
}
resource "aws_ecr_repository_policy" "this" {
  count      = local.create && var.attach_policy ? 1 : 0
  repository = aws_ecr_repository.this[0].name
  policy     = var.create_policy ? data.aws_iam_policy_document.repository[0].json : var.policy
}
#--- ecr/variables.tf
variable "create" {
  type    = bool
  default = true
}
variable "type" {
  type    = string
  default = "private"
}
variable "name" {
  default = ""
}
variable "attach_policy" {
  default = true
}
variable "create_policy" {
  default = true
}
variable "policy" {
  type    = string
  default = null
}
variable "readers" {
  type    = list(string)
  default = []
}
variable "readers_writers" {
  type    = list(string)
  default = []
}
variable "lambda_readers" {
  type    = bool
  default = false
}
variable "lambda_arns" {
  type    = list(string)
  default = []
}
variable "statements" {
  type    = any
  default = null
}
