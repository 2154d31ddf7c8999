#= aws_ecr_repository_policy.merged external
#= aws_ecr_repository_policy.overridden compliant
#= aws_ecr_repository_policy.overridden_open public
#= aws_ecr_repository_policy.unknown_source undecided
#= aws_ecr_repository_policy.unknown_override undecided
variable "more" {
  type = string
}
data "aws_iam_policy_document" "own" {
  statement {
    sid     = "base"
    actions = ["ecr:*"]
    principals {
      type        = "AWS"
      identifiers = ["111122223333"]
    }
  }
}
data "aws_iam_policy_document" "pull" {
  statement { #@ aws_ecr_repository_policy.merged
    sid     = "pull"
    actions = ["ecr:BatchGetImage"]
    principals {
      type        = "AWS"
      identifiers = ["222233334444"]
    }
  }
}
data "aws_iam_policy_document" "open" {
  statement {
    sid     = "base"
    actions = ["ecr:BatchGetImage"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}
data "aws_iam_policy_document" "merged" {
  source_policy_documents = [
    data.aws_iam_policy_document.own.json,
    data.aws_iam_policy_document.pull.json,
  ]
}
data "aws_iam_policy_document" "overridden" {
  source_json             = data.aws_iam_policy_document.open.json
  override_policy_documents = [data.aws_iam_policy_document.own.json]
}
data "aws_iam_policy_document" "overridden_open" {
  source_policy_documents = [data.aws_iam_policy_document.own.json]
  override_json           = data.aws_iam_policy_document.open.json
}
data "aws_iam_policy_document" "unknown_source" {
  source_policy_documents = [var.more, data.aws_iam_policy_document.own.json]
}
data "aws_iam_policy_document" "unknown_override" {
  statement {
    actions = ["ecr:BatchGetImage"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
  statement {
    sid     = "guard"
    effect  = "Deny"
    actions = ["*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Null"
      variable = "aws:CurrentTime"
      values   = ["false"]
    }
  }
  override_policy_documents = [var.more]
}
resource "aws_ecr_repository_policy" "merged" {
  repository = "x"
  policy     = data.aws_iam_policy_document.merged.json
}
resource "aws_ecr_repository_policy" "overridden" {
  repository = "x"
  policy     = data.aws_iam_policy_document.overridden.json
}
resource "aws_ecr_repository_policy" "overridden_open" {
  repository = "x"
  policy     = data.aws_iam_policy_document.overridden_open.json
}
resource "aws_ecr_repository_policy" "unknown_source" {
  repository = "x"
  policy     = data.aws_iam_policy_document.unknown_source.json
}
resource "aws_ecr_repository_policy" "unknown_override" {
  repository = "x"
  policy     = data.aws_iam_policy_document.unknown_override.json
}
