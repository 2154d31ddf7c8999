#= aws_ecr_repository_policy.own compliant
#= aws_ecr_repository_policy.neighbour external
#= aws_ecr_repository_policy.anybody public
#= aws_ecr_repository_policy.any_aws public
#= aws_ecr_repository_policy.service service
data "aws_iam_policy_document" "own" {
  statement {
    actions = ["ecr:*"]
    principals {
      type        = "AWS"
      identifiers = ["111122223333", "arn:aws:iam::111122223333:role/deploy"]
    }
  }
}

data "aws_iam_policy_document" "neighbour" {
  statement {
    sid     = "own"
    actions = ["ecr:*"]
    principals {
      type        = "AWS"
      identifiers = ["111122223333"]
    }
  }
  statement { #@ aws_ecr_repository_policy.neighbour
    sid     = "pull"
    effect  = "Allow"
    actions = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::222233334444:root"]
    }
  }
}

data "aws_iam_policy_document" "anybody" {
  statement { #@ aws_ecr_repository_policy.anybody
    actions = ["ecr:BatchGetImage"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}

data "aws_iam_policy_document" "any_aws" {
  statement {
    actions = ["ecr:BatchGetImage"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}

data "aws_iam_policy_document" "service" {
  statement {
    actions = ["ecr:BatchGetImage"]
    principals {
      type        = "Service"
      identifiers = ["codebuild.amazonaws.com"]
    }
  }
}

resource "aws_ecr_repository_policy" "own" {
  repository = "x"
  policy     = data.aws_iam_policy_document.own.json
}
resource "aws_ecr_repository_policy" "neighbour" {
  repository = "x"
  policy     = data.aws_iam_policy_document.neighbour.json
}
resource "aws_ecr_repository_policy" "anybody" {
  repository = "x"
  policy     = data.aws_iam_policy_document.anybody.minified_json
}
resource "aws_ecr_repository_policy" "any_aws" {
  repository = "x"
  policy     = data.aws_iam_policy_document.any_aws.json
}
resource "aws_ecr_repository_policy" "service" {
  repository = "x"
  policy     = data.aws_iam_policy_document.service.json
}
