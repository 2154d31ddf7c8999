#= aws_ecr_repository_policy.list service
#= aws_ecr_repository_policy.own_list compliant
#= aws_ecr_repository_policy.unknown_in_a_list external
#= aws_ecr_repository_policy.encoded undecided
#= aws_ecr_repository_policy.upper undecided
#= aws_ecr_repository_policy.replaced undecided
#= aws_ecr_repository_policy.picked undecided
data "aws_region" "current" {}
variable "role" {}
resource "aws_ecr_repository_policy" "list" {
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "ecr:BatchGetImage"
      Condition = { StringLike = { "aws:SourceArn" = formatlist("arn:aws:lambda:%s:%s:function:*", data.aws_region.current.name, ["222233334444"]) } }
    }]
  })
}
resource "aws_ecr_repository_policy" "own_list" {
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "ecr:BatchGetImage"
      Condition = { StringLike = { "aws:SourceArn" = formatlist("arn:aws:lambda:%s:%s:function:*", data.aws_region.current.name, ["111122223333"]) } }
    }]
  })
}
resource "aws_ecr_repository_policy" "unknown_in_a_list" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = formatlist("arn:aws:iam::%s:role/%s", ["222233334444"], var.role) }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "encoded" {
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "ecr:BatchGetImage"
      Condition = { StringLike = { "aws:SourceArn" = base64decode("${data.aws_region.current.name}=") } }
    }]
  })
}
resource "aws_ecr_repository_policy" "upper" {
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = "ecr:BatchGetImage"
      Condition = { StringEquals = { "aws:PrincipalTag/team" = "x", "aws:PrincipalAccount" = sha256(data.aws_region.current.name) } }
    }]
  })
}
resource "aws_ecr_repository_policy" "replaced" {
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = "ecr:BatchGetImage"
      Condition = { StringEquals = { "aws:PrincipalAccount" = replace(data.aws_region.current.name, "/.*/", "222233334444") } }
    }]
  })
}
resource "aws_ecr_repository_policy" "picked" {
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = "ecr:BatchGetImage"
      Condition = { StringEquals = { "aws:PrincipalAccount" = split("-", data.aws_region.current.name)[1] } }
    }]
  })
}
