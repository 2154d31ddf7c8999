#= aws_ecr_repository_policy.own compliant
#= aws_ecr_repository_policy.caller compliant
#= aws_ecr_repository_policy.list external
#= aws_ecr_repository_policy.mixed public
data "aws_caller_identity" "current" {}
locals {
  account = data.aws_caller_identity.current.account_id
  readers = ["222233334444", "333344445555"]
}
resource "aws_iam_role" "node" {
  name               = "node"
  assume_role_policy = "{}"
}
resource "aws_ecr_repository_policy" "own" {
  repository = "x"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "own"
      Effect    = "Allow"
      Principal = { AWS = ["arn:aws:iam::${local.account}:root", aws_iam_role.node.arn] }
      Action    = "ecr:*"
    }]
  })
}
data "aws_iam_session_context" "current" {
  arn = data.aws_caller_identity.current.arn
}
resource "aws_ecr_repository_policy" "caller" {
  repository = "x"
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = [data.aws_caller_identity.current.arn, data.aws_iam_session_context.current.issuer_arn] }
      Action    = "ecr:*"
    }]
  })
}
resource "aws_ecr_repository_policy" "list" {
  repository = "x"
  policy = jsonencode({
    "Version" : "2012-10-17",
    "Statement" : [
      { #@ aws_ecr_repository_policy.list
        "Effect" : "Allow",
        "Principal" : { "AWS" : [for account in local.readers : "arn:aws:iam::${account}:root"] },
        "Action" : ["ecr:BatchGetImage"]
      }
    ]
  })
}
resource "aws_ecr_repository_policy" "mixed" {
  repository = "x"
  policy = jsonencode(
    {
      Statement = concat(
        [{ Effect = "Allow", Principal = { AWS = local.account }, Action = "ecr:*" }],
        [
          { #@ aws_ecr_repository_policy.mixed
            Effect = "Allow"
            Principal = "*"
            Action    = "ecr:BatchGetImage"
          }
        ]
      )
    }
  )
}
