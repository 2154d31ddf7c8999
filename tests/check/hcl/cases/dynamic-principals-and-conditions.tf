#= aws_ecr_repository_policy.principals external
#= aws_ecr_repository_policy.condition external
#= aws_ecr_repository_policy.organization external
#= aws_ecr_repository_policy.variable_of_iam compliant
variable "types" {
  default = {
    AWS     = ["222233334444", "111122223333"]
    Service = []
  }
}
variable "organizations" {
  default = ["o-a1b2c3d4e5"]
}
data "aws_iam_policy_document" "principals" {
  statement {
    actions = ["ecr:BatchGetImage"]
    dynamic "principals" {
      for_each = { for kind, names in var.types : kind => names if length(names) > 0 }
      content {
        type        = principals.key
        identifiers = principals.value
      }
    }
  }
}
data "aws_iam_policy_document" "condition" {
  statement {
    actions = ["ecr:BatchGetImage"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    dynamic "condition" {
      for_each = length(var.organizations) > 0 ? [true] : []
      content {
        test     = "StringEquals"
        variable = "aws:PrincipalOrgID"
        values   = var.organizations
      }
    }
  }
}
data "aws_iam_policy_document" "organization" {
  dynamic "statement" {
    for_each = toset(var.organizations)
    content {
      actions = ["ecr:BatchGetImage"]
      principals {
        type        = "*"
        identifiers = ["*"]
      }
      condition {
        test     = "ForAnyValue:StringLike"
        variable = "aws:PrincipalOrgPaths"
        values   = ["${statement.value}/*"]
      }
    }
  }
}
data "aws_iam_policy_document" "variable_of_iam" {
  statement {
    actions = ["ecr:BatchGetImage"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalAccount"
      values   = ["&{aws:ResourceAccount}"]
    }
  }
}
resource "aws_ecr_repository_policy" "principals" {
  repository = "x"
  policy     = data.aws_iam_policy_document.principals.json
}
resource "aws_ecr_repository_policy" "condition" {
  repository = "x"
  policy     = data.aws_iam_policy_document.condition.json
}
resource "aws_ecr_repository_policy" "organization" {
  repository = "x"
  policy     = data.aws_iam_policy_document.organization.json
}
resource "aws_ecr_repository_policy" "variable_of_iam" {
  repository = "x"
  policy     = data.aws_iam_policy_document.variable_of_iam.json
}
