#= aws_ecr_repository_policy.the_same_condition_within_itself public
#= aws_ecr_repository_policy.conditions external
#= aws_ecr_repository_policy.confined_or_not undecided
#= aws_ecr_repository_policy.confined_twice_or_not undecided
#= aws_ecr_repository_policy.inside_both_ways compliant
#= aws_ecr_repository_policy.outside_both_ways external
#= aws_ecr_repository_policy.one_way undecided
#= aws_ecr_repository_policy.open_one_way undecided
#= aws_ecr_repository_policy.lists compliant
#= aws_ecr_repository_policy.lists_in_locals compliant
#= aws_ecr_repository_policy.in_a_document compliant
#= aws_ecr_repository_policy.in_a_text compliant
#= aws_ecr_repository_policy.in_a_heredoc compliant
#= aws_ecr_repository_policy.by_key external
#= aws_ecr_repository_policy.by_lookup undecided
#= aws_ecr_repository_policy.by_lookup_of_an_account external
#= aws_ecr_repository_policy.never_both compliant
#= aws_ecr_repository_policy.perhaps_both undecided
#= aws_ecr_repository_policy.tried undecided
#= aws_ecr_repository_policy.denied compliant
#= aws_ecr_repository_policy.documents compliant
#= aws_ecr_repository_policy.documents_open_one_way undecided
#= aws_ecr_repository_policy.documents_open_the_other_way undecided
#= aws_ecr_repository_policy.directive compliant
variable "prod" {
  type = bool
}
variable "env" {
  type = string
}
locals {
  own      = "arn:aws:iam::111122223333:root"
  accounts = { dev = "222233334444", prod = "333344445555" }
  deploys  = var.prod ? ["arn:aws:iam::111122223333:role/deploy"] : ["arn:aws:iam::111122223333:role/a", local.own]
  is_prod  = var.env == "prod"
}
resource "aws_ecr_repository_policy" "inside_both_ways" {
  repository = "x"
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { AWS = var.prod ? local.own : "111122223333" }, Action = "ecr:*" }]
  })
}
resource "aws_ecr_repository_policy" "outside_both_ways" {
  repository = "x"
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { AWS = var.prod ? "222233334444" : "333344445555" }, Action = "ecr:*" }]
  })
}
resource "aws_ecr_repository_policy" "one_way" {
  repository = "x"
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { AWS = var.prod ? local.own : "333344445555" }, Action = "ecr:*" }]
  })
}
resource "aws_ecr_repository_policy" "open_one_way" {
  repository = "x"
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = var.prod ? "*" : { AWS = local.own }, Action = "ecr:*" }]
  })
}
resource "aws_ecr_repository_policy" "lists" {
  repository = "x"
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = concat([local.own], var.prod ? ["111122223333"] : [], [for one in local.deploys : one]) }
      Action    = "ecr:*"
    }]
  })
}
resource "aws_ecr_repository_policy" "lists_in_locals" {
  repository = "x"
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { AWS = flatten([local.deploys, [local.own]]) }, Action = "ecr:*" }]
  })
}
data "aws_iam_policy_document" "one" {
  statement {
    actions = ["ecr:*"]
    principals {
      type        = "AWS"
      identifiers = var.prod ? formatlist("arn:aws:iam::%s:root", ["111122223333"]) : [local.own]
    }
  }
  dynamic "statement" {
    for_each = var.prod ? ["111122223333"] : []
    content {
      actions = ["ecr:*"]
      principals {
        type        = "AWS"
        identifiers = ["arn:aws:iam::${statement.value}:root"]
      }
    }
  }
}
resource "aws_ecr_repository_policy" "in_a_document" {
  repository = "x"
  policy     = data.aws_iam_policy_document.one.json
}
resource "aws_ecr_repository_policy" "in_a_text" {
  repository = "x"
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${var.prod ? "111122223333" : "111122223333"}:${var.prod ? "root" : "role/x"}" }
      Action    = "ecr:*"
    }]
  })
}
resource "aws_ecr_repository_policy" "in_a_heredoc" {
  repository = "x"
  policy     = <<-EOT
    {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "${var.prod ? local.own : "111122223333"}"}, "Action": "ecr:*"}]}
  EOT
}
resource "aws_ecr_repository_policy" "by_key" {
  repository = "x"
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${local.accounts[var.env]}:root" }
      Action    = "ecr:*"
    }]
  })
}
resource "aws_ecr_repository_policy" "by_lookup" {
  repository = "x"
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { AWS = lookup(local.accounts, var.env, local.own) }, Action = "ecr:*" }]
  })
}
resource "aws_ecr_repository_policy" "by_lookup_of_an_account" {
  repository = "x"
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = format("arn:aws:iam::%s:root", lookup(local.accounts, var.env, "444455556666")) }
      Action    = "ecr:*"
    }]
  })
}
resource "aws_ecr_repository_policy" "never_both" {
  repository = "x"
  policy = jsonencode({
    Statement = [{
      Effect    = local.is_prod ? "Deny" : "Allow"
      Principal = local.is_prod ? { AWS = ["*"] } : { AWS = [local.own] }
      Action    = var.env == "prod" ? "ecr:*" : "ecr:Get*"
    }]
  })
}
resource "aws_ecr_repository_policy" "perhaps_both" {
  repository = "x"
  policy = jsonencode({
    Statement = [{
      Effect    = var.env == "test" ? "Deny" : "Allow"
      Principal = local.is_prod ? { AWS = ["*"] } : { AWS = [local.own] }
      Action    = "ecr:*"
    }]
  })
}
resource "aws_ecr_repository_policy" "tried" {
  repository = "x"
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { AWS = try({ dev = local.own }[var.env], "*") }, Action = "ecr:*" }]
  })
}
resource "aws_ecr_repository_policy" "denied" {
  repository = "x"
  policy = jsonencode({
    Statement = concat(
      [{ Effect = "Allow", Principal = var.prod ? { AWS = "*" } : { AWS = local.own }, Action = "ecr:*" }],
      var.prod ? [{ Effect = "Deny", Principal = "*", Action = "ecr:*" }] : [],
    )
  })
}
data "aws_iam_policy_document" "own" {
  statement {
    actions = ["ecr:*"]
    principals {
      type        = "AWS"
      identifiers = [local.own]
    }
  }
}
data "aws_iam_policy_document" "merged" {
  source_policy_documents   = var.prod ? [data.aws_iam_policy_document.own.json] : []
  override_policy_documents = [var.prod ? data.aws_iam_policy_document.own.json : data.aws_iam_policy_document.one.json]
}
resource "aws_ecr_repository_policy" "documents" {
  repository = "x"
  policy     = data.aws_iam_policy_document.merged.json
}
data "aws_iam_policy_document" "open" {
  statement {
    actions = ["ecr:BatchGetImage"]
    principals {
      type        = "AWS"
      identifiers = ["222233334444"]
    }
  }
}
data "aws_iam_policy_document" "open_one_way" {
  source_policy_documents = [var.prod ? data.aws_iam_policy_document.open.json : data.aws_iam_policy_document.own.json]
}
resource "aws_ecr_repository_policy" "documents_open_one_way" {
  repository = "x"
  policy     = data.aws_iam_policy_document.open_one_way.json
}
data "aws_iam_policy_document" "open_the_other_way" {
  source_policy_documents = [var.prod ? data.aws_iam_policy_document.own.json : data.aws_iam_policy_document.open.json]
}
resource "aws_ecr_repository_policy" "documents_open_the_other_way" {
  repository = "x"
  policy     = data.aws_iam_policy_document.open_the_other_way.json
}
resource "aws_ecr_repository_policy" "directive" {
  repository = "x"
  policy     = <<-EOT
    {"Statement": [
    %{ if var.prod }
    {"Effect": "Allow", "Principal": {"AWS": "${local.own}"}, "Action": "ecr:*"}
    %{ else }
    {"Effect": "Deny", "Principal": "*", "Action": "ecr:*"}
    %{ endif }
    ]}
  EOT
}
data "aws_iam_policy_document" "conditions" {
  statement {
    actions = ["ecr:BatchGetImage"]
    principals {
      type        = "AWS"
      identifiers = var.prod ? ["*"] : ["222233334444"]
    }
    dynamic "condition" {
      for_each = var.prod ? ["o-a1b2c3d4e5"] : []
      content {
        test     = "StringEquals"
        variable = "aws:PrincipalOrgID"
        values   = [condition.value]
      }
    }
  }
}
resource "aws_ecr_repository_policy" "conditions" {
  repository = "x"
  policy     = data.aws_iam_policy_document.conditions.json
}
data "aws_iam_policy_document" "confined_or_not" {
  statement {
    actions = ["ecr:BatchGetImage"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    dynamic "condition" {
      for_each = var.prod ? ["111122223333"] : []
      content {
        test     = "StringEquals"
        variable = "aws:PrincipalAccount"
        values   = [condition.value]
      }
    }
  }
}
resource "aws_ecr_repository_policy" "confined_or_not" {
  repository = "x"
  policy     = data.aws_iam_policy_document.confined_or_not.json
}
data "aws_iam_policy_document" "confined_twice_or_not" {
  statement {
    actions = ["ecr:BatchGetImage"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    dynamic "condition" {
      for_each = var.prod ? ["111122223333"] : []
      content {
        test     = "StringEquals"
        variable = "aws:PrincipalAccount"
        values   = [condition.value]
      }
    }
    dynamic "condition" {
      for_each = local.is_prod ? ["111122223333"] : []
      content {
        test     = "StringEquals"
        variable = "aws:PrincipalAccount"
        values   = [condition.value]
      }
    }
  }
}
resource "aws_ecr_repository_policy" "confined_twice_or_not" {
  repository = "x"
  policy     = data.aws_iam_policy_document.confined_twice_or_not.json
}
resource "aws_ecr_repository_policy" "the_same_condition_within_itself" {
  repository = "x"
  policy = jsonencode({
    Statement = concat(
      [{ Effect = "Allow", Principal = "*", Action = "ecr:*" }],
      var.prod ? (var.prod ? [] : [{ Effect = "Deny", Principal = "*", Action = "ecr:*" }]) : [],
    )
  })
}
