#= aws_ecr_repository_policy.aws_codebuild_project compliant
#= aws_ecr_repository_policy.aws_codepipeline compliant
#= aws_ecr_repository_policy.aws_apprunner_service compliant
#= aws_ecr_repository_policy.aws_sagemaker_domain compliant
#= aws_ecr_repository_policy.aws_lambda_function compliant
#= aws_ecr_repository_policy.aws_ecr_repository compliant
#= aws_ecr_repository_policy.aws_iam_role compliant
#= aws_ecr_repository_policy.aws_iam_user compliant
#= aws_ecr_repository_policy.path compliant
#= aws_ecr_repository_policy.hole compliant
#= aws_ecr_repository_policy.endpoint undecided
variable "path" {}
resource "aws_codebuild_project" "this" {
  name = "x"
}
resource "aws_ecr_repository_policy" "aws_codebuild_project" {
  repository = "x"
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "codebuild.amazonaws.com" }
      Action    = "ecr:BatchGetImage"
      Condition = { StringEquals = { "aws:SourceArn" = aws_codebuild_project.this.arn } }
    }]
  })
}
resource "aws_codepipeline" "this" {
  name = "x"
}
resource "aws_ecr_repository_policy" "aws_codepipeline" {
  repository = "x"
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "codepipeline.amazonaws.com" }
      Action    = "ecr:BatchGetImage"
      Condition = { StringEquals = { "aws:SourceArn" = aws_codepipeline.this.arn } }
    }]
  })
}
resource "aws_apprunner_service" "this" {
  service_name = "x"
}
resource "aws_ecr_repository_policy" "aws_apprunner_service" {
  repository = "x"
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "build.apprunner.amazonaws.com" }
      Action    = "ecr:BatchGetImage"
      Condition = { StringEquals = { "aws:SourceArn" = aws_apprunner_service.this.arn } }
    }]
  })
}
resource "aws_sagemaker_domain" "this" {}
resource "aws_ecr_repository_policy" "aws_sagemaker_domain" {
  repository = "x"
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "sagemaker.amazonaws.com" }
      Action    = "ecr:BatchGetImage"
      Condition = { StringEquals = { "aws:SourceArn" = aws_sagemaker_domain.this.arn } }
    }]
  })
}
resource "aws_lambda_function" "this" {
  function_name = "x"
}
resource "aws_ecr_repository_policy" "aws_lambda_function" {
  repository = "x"
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "ecr:BatchGetImage"
      Condition = { StringEquals = { "aws:SourceArn" = aws_lambda_function.this.arn } }
    }]
  })
}
resource "aws_ecr_repository" "this" {
  name = "x"
}
resource "aws_ecr_repository_policy" "aws_ecr_repository" {
  repository = "x"
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "ecr:BatchGetImage"
      Condition = { StringEquals = { "aws:SourceArn" = aws_ecr_repository.this.arn } }
    }]
  })
}
resource "aws_iam_role" "this" {
  name = "x"
}
resource "aws_ecr_repository_policy" "aws_iam_role" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = aws_iam_role.this.arn }, Action = "ecr:*" }] })
}
resource "aws_iam_user" "this" {
  name = "x"
}
resource "aws_ecr_repository_policy" "aws_iam_user" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = aws_iam_user.this.arn }, Action = "ecr:*" }] })
}
resource "aws_iam_role" "below_a_path" {
  path = "/ci/"
  name = "x"
}
resource "aws_ecr_repository_policy" "path" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = aws_iam_role.below_a_path.arn }, Action = "ecr:*" }] })
}
resource "aws_iam_role" "of_a_path" {
  path = var.path
  name = "x"
}
resource "aws_ecr_repository_policy" "hole" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = aws_iam_role.of_a_path.arn }, Action = "ecr:*" }] })
}
resource "aws_sagemaker_endpoint" "this" {}
resource "aws_ecr_repository_policy" "endpoint" {
  repository = "x"
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "sagemaker.amazonaws.com" }
      Action    = "ecr:BatchGetImage"
      Condition = { StringEquals = { "aws:SourceArn" = aws_sagemaker_endpoint.this.arn } }
    }]
  })
}
