#= aws_ecr_repository_policy.empty undecided
#= aws_ecr_repository_policy.not_json invalid
#= aws_ecr_repository_policy.no_policy undecided
#= aws_ecr_repository_policy.not_principals external
#= aws_ecr_repository_policy.old_version public
#= aws_ecr_repository_policy.computed undecided
#= aws_ecr_repository_policy.ternary_null undecided
variable "policy" {
  type    = string
  default = null
}
data "aws_iam_policy_document" "not_principals" {
  statement {
    actions = ["ecr:BatchGetImage"]
    principals {
      type        = "AWS"
      identifiers = ["222233334444"]
    }
  }
  statement {
    effect  = "Deny"
    actions = ["ecr:PutImage"]
    not_principals {
      type        = "AWS"
      identifiers = ["111122223333"]
    }
  }
}
data "aws_iam_policy_document" "old_version" {
  version = "2008-10-17"
  statement {
    actions = ["ecr:BatchGetImage"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}
data "aws_ssm_parameter" "policy" {
  name = "policy"
}
resource "aws_ecr_repository_policy" "empty" {
  repository = "x"
  policy     = var.policy
}
resource "aws_ecr_repository_policy" "not_json" {
  repository = "x"
  policy     = "{ this is no JSON"
}
resource "aws_ecr_repository_policy" "no_policy" {
  repository = "x"
}
resource "aws_ecr_repository_policy" "not_principals" {
  repository = "x"
  policy     = data.aws_iam_policy_document.not_principals.json
}
resource "aws_ecr_repository_policy" "old_version" {
  repository = "x"
  policy     = data.aws_iam_policy_document.old_version.json
}
resource "aws_ecr_repository_policy" "computed" {
  repository = "x"
  policy     = data.aws_ssm_parameter.policy.value
}
resource "aws_ecr_repository_policy" "ternary_null" {
  repository = "x"
  policy     = var.policy != null ? var.policy : jsonencode({ Statement = [{ Effect = "Deny", Principal = "*", Action = "*" }] })
}
