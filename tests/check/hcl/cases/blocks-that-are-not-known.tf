#= aws_ecr_repository_policy.principals undecided
#= aws_ecr_repository_policy.conditions undecided
#= aws_ecr_repository_policy.organizations undecided
#= aws_ecr_repository_policy.effect undecided
#= aws_ecr_repository_policy.actions undecided
#= aws_ecr_repository_policy.own compliant
#= aws_ecr_repository_policy.guarded external+undecided
variable "more" {}
data "aws_iam_policy_document" "principals" {
  statement {
    actions = ["ecr:BatchGetImage"]
    dynamic "principals" {
      for_each = var.more
      content {
        type        = "AWS"
        identifiers = ["*"]
      }
    }
  }
}
data "aws_iam_policy_document" "conditions" {
  statement {
    actions = ["ecr:BatchGetImage"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    dynamic "condition" {
      for_each = var.more
      content {
        test     = "StringEquals"
        variable = "aws:PrincipalOrgID"
        values   = ["o-a1b2c3d4e5"]
      }
    }
  }
}
data "aws_iam_policy_document" "organizations" {
  statement {
    actions = ["ecr:BatchGetImage"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalOrgID"
      values   = var.more
    }
  }
}
data "aws_iam_policy_document" "effect" {
  statement {
    effect  = var.more
    actions = ["ecr:BatchGetImage"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}
data "aws_iam_policy_document" "actions" {
  statement {
    actions = var.more
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}
data "aws_iam_policy_document" "own" {
  statement {
    sid     = var.more
    actions = var.more
    principals {
      type        = "AWS"
      identifiers = ["111122223333", "arn:aws:iam::111122223333:role/${var.more}"]
    }
    condition {
      test     = var.more
      variable = "aws:PrincipalTag/team"
      values   = ["x"]
    }
  }
}
data "aws_iam_policy_document" "guarded" {
  statement {
    actions = ["ecr:BatchGetImage"]
    principals {
      type        = "AWS"
      identifiers = ["222233334444", var.more]
    }
  }
  statement {
    effect  = "Deny"
    actions = ["ecr:PutImage"]
    principals {
      type        = "AWS"
      identifiers = [var.more]
    }
  }
}
resource "aws_ecr_repository_policy" "principals" {
  policy = data.aws_iam_policy_document.principals.json
}
resource "aws_ecr_repository_policy" "conditions" {
  policy = data.aws_iam_policy_document.conditions.json
}
resource "aws_ecr_repository_policy" "organizations" {
  policy = data.aws_iam_policy_document.organizations.json
}
resource "aws_ecr_repository_policy" "effect" {
  policy = data.aws_iam_policy_document.effect.json
}
resource "aws_ecr_repository_policy" "actions" {
  policy = data.aws_iam_policy_document.actions.json
}
resource "aws_ecr_repository_policy" "own" {
  policy = data.aws_iam_policy_document.own.json
}
resource "aws_ecr_repository_policy" "guarded" {
  policy = data.aws_iam_policy_document.guarded.json
}
