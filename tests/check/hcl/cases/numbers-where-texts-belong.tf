#= aws_ecr_repository_policy.document external
#= aws_ecr_repository_policy.encoded invalid
#= aws_ecr_repository_policy.condition external
locals {
  account = 222233334444
}
data "aws_iam_policy_document" "document" {
  statement {
    sid     = 1
    actions = ["ecr:BatchGetImage"]
    principals {
      type        = "AWS"
      identifiers = [local.account]
    }
  }
}
data "aws_iam_policy_document" "condition" {
  statement {
    actions = ["ecr:BatchGetImage"]
    principals {
      type        = "AWS"
      identifiers = [local.account]
    }
    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = [true]
    }
  }
}
resource "aws_ecr_repository_policy" "document" {
  repository = "x"
  policy     = data.aws_iam_policy_document.document.json
}
resource "aws_ecr_repository_policy" "condition" {
  repository = "x"
  policy     = data.aws_iam_policy_document.condition.json
}
resource "aws_ecr_repository_policy" "encoded" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = local.account }, Action = "ecr:*" }] })
}
