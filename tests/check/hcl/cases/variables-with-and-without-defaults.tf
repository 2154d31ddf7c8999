#= aws_ecr_repository_policy.default external
#= aws_ecr_repository_policy.none undecided
#= aws_ecr_repository_policy.both external+undecided
variable "reader" {
  type    = string
  default = "222233334444"
}
variable "partner" {
  type = string
}
data "aws_iam_policy_document" "default" {
  statement { #@ aws_ecr_repository_policy.default
    actions = ["ecr:BatchGetImage"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${var.reader}:root"]
    }
  }
}
data "aws_iam_policy_document" "none" {
  statement { #@ aws_ecr_repository_policy.none
    actions = ["ecr:BatchGetImage"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${var.partner}:root"]
    }
  }
}
data "aws_iam_policy_document" "both" {
  statement {
    actions = ["ecr:BatchGetImage"]
    principals {
      type        = "AWS"
      identifiers = [var.reader, var.partner]
    }
  }
}
resource "aws_ecr_repository_policy" "default" {
  repository = "x"
  policy     = data.aws_iam_policy_document.default.json
}
resource "aws_ecr_repository_policy" "none" {
  repository = "x"
  policy     = data.aws_iam_policy_document.none.json
}
resource "aws_ecr_repository_policy" "both" {
  repository = "x"
  policy     = data.aws_iam_policy_document.both.json
}
