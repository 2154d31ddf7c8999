#= aws_ecr_repository_policy.readers external
#= aws_ecr_repository_policy.nobody undecided
#= aws_ecr_repository_policy.map public
#= aws_ecr_repository_policy.unknown undecided
#= aws_ecr_repository_policy.wild_unknown undecided
#= aws_ecr_repository_policy.deny_unknown public
variable "readers" {
  type    = list(string)
  default = ["222233334444"]
}
variable "nobody" {
  type    = list(string)
  default = []
}
variable "grants" {
  default = {
    images = { actions = ["ecr:BatchGetImage"], who = ["*"] }
    own    = { actions = ["ecr:*"], who = ["111122223333"] }
  }
}
variable "unknown" {
  type = list(string)
}
data "aws_iam_policy_document" "readers" {
  statement {
    actions = ["ecr:*"]
    principals {
      type        = "AWS"
      identifiers = ["111122223333"]
    }
  }
  dynamic "statement" {
    for_each = length(var.readers) > 0 ? [1] : []
    content { #@ aws_ecr_repository_policy.readers
      sid     = "readers"
      actions = ["ecr:BatchGetImage"]
      principals {
        type        = "AWS"
        identifiers = formatlist("arn:aws:iam::%s:root", var.readers)
      }
    }
  }
}
data "aws_iam_policy_document" "nobody" {
  dynamic "statement" {
    for_each = var.nobody
    content {
      actions = ["ecr:*"]
      principals {
        type        = "AWS"
        identifiers = [statement.value]
      }
    }
  }
}
data "aws_iam_policy_document" "map" {
  dynamic "statement" {
    for_each = var.grants
    iterator = grant
    content {
      sid     = grant.key
      actions = grant.value.actions
      principals {
        type        = "AWS"
        identifiers = grant.value["who"]
      }
    }
  }
}
data "aws_iam_policy_document" "unknown" {
  dynamic "statement" {
    for_each = var.unknown
    content {
      actions = ["ecr:BatchGetImage"]
      principals {
        type        = "AWS"
        identifiers = [statement.value]
      }
    }
  }
}
data "aws_iam_policy_document" "wild_unknown" {
  dynamic "statement" {
    for_each = var.unknown
    content {
      sid     = statement.key
      actions = ["ecr:BatchGetImage"]
      principals {
        type        = "*"
        identifiers = ["*"]
      }
    }
  }
}
data "aws_iam_policy_document" "deny_unknown" {
  statement {
    actions = ["ecr:BatchGetImage"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
  dynamic "statement" {
    for_each = var.unknown
    content {
      effect  = "Deny"
      actions = ["ecr:PutImage"]
      principals {
        type        = "*"
        identifiers = ["*"]
      }
    }
  }
}
resource "aws_ecr_repository_policy" "readers" {
  repository = "x"
  policy     = data.aws_iam_policy_document.readers.json
}
resource "aws_ecr_repository_policy" "nobody" {
  repository = "x"
  policy     = data.aws_iam_policy_document.nobody.json
}
resource "aws_ecr_repository_policy" "map" {
  repository = "x"
  policy     = data.aws_iam_policy_document.map.json
}
resource "aws_ecr_repository_policy" "unknown" {
  repository = "x"
  policy     = data.aws_iam_policy_document.unknown.json
}
resource "aws_ecr_repository_policy" "wild_unknown" {
  repository = "x"
  policy     = data.aws_iam_policy_document.wild_unknown.json
}
resource "aws_ecr_repository_policy" "deny_unknown" {
  repository = "x"
  policy     = data.aws_iam_policy_document.deny_unknown.json
}
