#= aws_ecr_repository_policy.confined compliant
#= aws_ecr_repository_policy.p0 undecided
#= aws_ecr_repository_policy.p1 undecided
#= aws_ecr_repository_policy.p2 undecided
#= aws_ecr_repository_policy.p3 undecided
#= aws_ecr_repository_policy.p4 undecided
#= aws_ecr_repository_policy.p5 undecided
#= aws_ecr_repository_policy.p6 undecided
#= aws_ecr_repository_policy.p7 undecided
#= aws_ecr_repository_policy.p8 undecided
variable "unknown" {}
resource "aws_ecr_repository_policy" "p0" {
  repository = "x"
  policy = jsonencode({
    Statement = [for one in var.unknown : { Effect = "Allow", Principal = { AWS = "222233334444" }, Action = "ecr:BatchGetImage" }]
  })
}
resource "aws_ecr_repository_policy" "p1" {
  repository = "x"
  policy = jsonencode({
    Statement = [for one in var.unknown : {
      Effect    = "Allow"
      Principal = { AWS = "222233334444" }
      Action    = "ecr:BatchGetImage"
      Condition = {
          StringEquals = { "aws:PrincipalTag/a" = "x" }
      }
    }]
  })
}
resource "aws_ecr_repository_policy" "p2" {
  repository = "x"
  policy = jsonencode({
    Statement = [for one in var.unknown : {
      Effect    = "Allow"
      Principal = { AWS = "222233334444" }
      Action    = "ecr:BatchGetImage"
      Condition = {
          StringEquals = { "aws:PrincipalTag/a" = "x" }
          StringLike = { "aws:PrincipalTag/b" = "x*" }
      }
    }]
  })
}
resource "aws_ecr_repository_policy" "p3" {
  repository = "x"
  policy = jsonencode({
    Statement = [for one in var.unknown : {
      Effect    = "Allow"
      Principal = { AWS = "222233334444" }
      Action    = "ecr:BatchGetImage"
      Condition = {
          StringEquals = { "aws:PrincipalTag/a" = "x" }
          StringLike = { "aws:PrincipalTag/b" = "x*" }
          ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::222233334444:role/x" }
      }
    }]
  })
}
resource "aws_ecr_repository_policy" "p4" {
  repository = "x"
  policy = jsonencode({
    Statement = [for one in var.unknown : {
      Effect    = "Allow"
      Principal = { AWS = "222233334444" }
      Action    = "ecr:BatchGetImage"
      Condition = {
          StringEquals = { "aws:PrincipalTag/a" = "x" }
          StringLike = { "aws:PrincipalTag/b" = "x*" }
          ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::222233334444:role/x" }
          ArnLike = { "aws:PrincipalArn" = "arn:aws:iam::222233334444:role/*" }
      }
    }]
  })
}
resource "aws_ecr_repository_policy" "p5" {
  repository = "x"
  policy = jsonencode({
    Statement = [for one in var.unknown : {
      Effect    = "Allow"
      Principal = { AWS = "222233334444" }
      Action    = "ecr:BatchGetImage"
      Condition = {
          StringEquals = { "aws:PrincipalTag/a" = "x" }
          StringLike = { "aws:PrincipalTag/b" = "x*" }
          ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::222233334444:role/x" }
          ArnLike = { "aws:PrincipalArn" = "arn:aws:iam::222233334444:role/*" }
          StringNotEquals = { "aws:PrincipalTag/c" = "x" }
      }
    }]
  })
}
resource "aws_ecr_repository_policy" "p6" {
  repository = "x"
  policy = jsonencode({
    Statement = [for one in var.unknown : {
      Effect    = "Allow"
      Principal = { AWS = "222233334444" }
      Action    = "ecr:BatchGetImage"
      Condition = {
          StringEquals = { "aws:PrincipalTag/a" = "x" }
          StringLike = { "aws:PrincipalTag/b" = "x*" }
          ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::222233334444:role/x" }
          ArnLike = { "aws:PrincipalArn" = "arn:aws:iam::222233334444:role/*" }
          StringNotEquals = { "aws:PrincipalTag/c" = "x" }
          StringNotLike = { "aws:PrincipalTag/d" = "x*" }
      }
    }]
  })
}
resource "aws_ecr_repository_policy" "p7" {
  repository = "x"
  policy = jsonencode({
    Statement = [for one in var.unknown : {
      Effect    = "Allow"
      Principal = { AWS = "222233334444" }
      Action    = "ecr:BatchGetImage"
      Condition = {
          StringEquals = { "aws:PrincipalTag/a" = "x" }
          StringLike = { "aws:PrincipalTag/b" = "x*" }
          ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::222233334444:role/x" }
          ArnLike = { "aws:PrincipalArn" = "arn:aws:iam::222233334444:role/*" }
          StringNotEquals = { "aws:PrincipalTag/c" = "x" }
          StringNotLike = { "aws:PrincipalTag/d" = "x*" }
          Bool = { "aws:SecureTransport" = "true" }
      }
    }]
  })
}
resource "aws_ecr_repository_policy" "p8" {
  repository = "x"
  policy = jsonencode({
    Statement = [for one in var.unknown : {
      Effect    = "Allow"
      Principal = { AWS = "222233334444" }
      Action    = "ecr:BatchGetImage"
      Condition = {
          StringEquals = { "aws:PrincipalTag/a" = "x" }
          StringLike = { "aws:PrincipalTag/b" = "x*" }
          ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::222233334444:role/x" }
          ArnLike = { "aws:PrincipalArn" = "arn:aws:iam::222233334444:role/*" }
          StringNotEquals = { "aws:PrincipalTag/c" = "x" }
          StringNotLike = { "aws:PrincipalTag/d" = "x*" }
          Bool = { "aws:SecureTransport" = "true" }
          Null = { "aws:PrincipalTag/e" = "false" }
      }
    }]
  })
}
resource "aws_ecr_repository_policy" "confined" {
  repository = "x"
  policy = jsonencode({
    Statement = [for one in var.unknown : {
      Effect    = "Allow"
      Principal = "*"
      Action    = "ecr:BatchGetImage"
      Condition = {
        StringEquals = { "aws:PrincipalAccount" = "111122223333" }
        Bool         = { "aws:PrincipalIsAWSService" = "false" }
      }
    }]
  })
}
