#= aws_ecr_repository_policy.all_but_one public+undecided
#= aws_ecr_repository_policy.closed_but_for_one public
#= aws_ecr_registry_policy.all_but_secrets external
#= aws_ecr_registry_policy.some external
data "aws_iam_policy_document" "all_but_one" {
  statement {
    not_actions = ["ecr:BatchGetImage"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}
data "aws_iam_policy_document" "closed_but_for_one" {
  statement {
    actions = ["ecr:*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
  statement {
    effect      = "Deny"
    not_actions = ["ecr:BatchGetImage"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}
data "aws_iam_policy_document" "all_but_secrets" {
  statement {
    actions       = ["ecr:ReplicateImage"]
    not_resources = ["arn:aws:ecr:eu-west-1:111122223333:repository/secret/*"]
    principals {
      type        = "AWS"
      identifiers = ["222233334444"]
    }
  }
}
data "aws_iam_policy_document" "some" {
  statement {
    actions   = ["ecr:ReplicateImage"]
    resources = ["arn:aws:ecr:eu-west-1:111122223333:repository/shared/*"]
    principals {
      type        = "AWS"
      identifiers = ["222233334444"]
    }
  }
}
resource "aws_ecr_repository_policy" "all_but_one" {
  repository = "x"
  policy     = data.aws_iam_policy_document.all_but_one.json
}
resource "aws_ecr_repository_policy" "closed_but_for_one" {
  repository = "y"
  policy     = data.aws_iam_policy_document.closed_but_for_one.json
}
resource "aws_ecr_registry_policy" "all_but_secrets" {
  policy = data.aws_iam_policy_document.all_but_secrets.json
}
resource "aws_ecr_registry_policy" "some" {
  policy = data.aws_iam_policy_document.some.json
}
