#= aws_ecr_repository_policy.own compliant
#= aws_ecr_repository_policy.both external+service
#= aws_ecr_repository_policy.function compliant
variable "accounts" {
  default = [{ id = "222233334444", name = "dev" }]
}
data "aws_caller_identity" "current" {}
data "aws_region" "current" {}
data "aws_partition" "current" {}
locals {
  ids = toset([for account in var.accounts : account.id])
}
resource "aws_lambda_function" "worker" {
  function_name = "worker"
}
resource "aws_ecr_repository_policy" "own" {
  repository = "x"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "LambdaECRImageRetrievalPolicy"
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      Condition = {
        StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id }
        StringLike = {
          "aws:sourceArn" = "arn:${data.aws_partition.current.partition}:lambda:${data.aws_region.current.region}:${data.aws_caller_identity.current.account_id}:function:*"
        }
      }
    }]
  })
}
resource "aws_ecr_repository_policy" "both" {
  repository = "x"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { AWS = concat([for id in local.ids : "arn:aws:iam::${id}:root"]) }
        Action    = ["ecr:BatchGetImage"]
      },
      {
        Effect    = "Allow"
        Principal = { Service = "lambda.amazonaws.com" }
        Action    = ["ecr:BatchGetImage"]
        Condition = { StringLike = { "aws:sourceArn" = [for id in local.ids : "arn:aws:lambda:*:${id}:function:*"] } }
      },
    ]
  })
}
resource "aws_ecr_repository_policy" "function" {
  repository = "x"
  policy     = <<-JSON
    {"Version": "2012-10-17", "Statement": [{
      "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "ecr:BatchGetImage",
      "Condition": {"ArnLike": {"aws:SourceArn": "${aws_lambda_function.worker.arn}"}}
    }]}
  JSON
}
