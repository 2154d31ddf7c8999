#$ --region eu-west-1 .
#= aws_ecr_repository_policy.arn_of_aws_iam_role compliant
#= aws_ecr_repository_policy.arn_of_aws_iam_user compliant
#= aws_ecr_repository_policy.arn_of_aws_ecr_repository compliant
#= aws_ecr_repository_policy.arn_of_aws_lambda_function compliant
#= aws_ecr_repository_policy.arn_of_aws_codebuild_project compliant
#= aws_ecr_repository_policy.arn_of_aws_codepipeline compliant
#= aws_ecr_repository_policy.arn_of_aws_apprunner_service compliant
#= aws_ecr_repository_policy.arn_of_aws_sagemaker_domain compliant
#= aws_ecr_repository_policy.id_of_aws_ecr_repository compliant
#= aws_ecr_repository_policy.id_of_aws_ecrpublic_repository compliant
#= aws_ecr_repository_policy.id_of_aws_iam_role compliant
#= aws_ecr_repository_policy.id_of_aws_iam_user compliant
resource "aws_iam_role" "this" {
  name = "x"
}
resource "aws_ecr_repository_policy" "arn_of_aws_iam_role" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = aws_iam_role.this.arn == "arn:aws:iam::111122223333:role/x" ? "111122223333" : "*" }, Action = "ecr:*" }] })
}
resource "aws_iam_user" "this" {
  name = "x"
}
resource "aws_ecr_repository_policy" "arn_of_aws_iam_user" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = aws_iam_user.this.arn == "arn:aws:iam::111122223333:user/x" ? "111122223333" : "*" }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository" "this" {
  name = "x"
}
resource "aws_ecr_repository_policy" "arn_of_aws_ecr_repository" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = aws_ecr_repository.this.arn == "arn:aws:ecr:eu-west-1:111122223333:repository/x" ? "111122223333" : "*" }, Action = "ecr:*" }] })
}
resource "aws_lambda_function" "this" {
  function_name = "x"
}
resource "aws_ecr_repository_policy" "arn_of_aws_lambda_function" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = aws_lambda_function.this.arn == "arn:aws:lambda:eu-west-1:111122223333:function:x" ? "111122223333" : "*" }, Action = "ecr:*" }] })
}
resource "aws_codebuild_project" "this" {
  name = "x"
}
resource "aws_ecr_repository_policy" "arn_of_aws_codebuild_project" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = aws_codebuild_project.this.arn == "arn:aws:codebuild:eu-west-1:111122223333:project/x" ? "111122223333" : "*" }, Action = "ecr:*" }] })
}
resource "aws_codepipeline" "this" {
  name = "x"
}
resource "aws_ecr_repository_policy" "arn_of_aws_codepipeline" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = aws_codepipeline.this.arn == "arn:aws:codepipeline:eu-west-1:111122223333:x" ? "111122223333" : "*" }, Action = "ecr:*" }] })
}
resource "aws_apprunner_service" "this" {
  service_name = "x"
}
resource "aws_ecr_repository_policy" "arn_of_aws_apprunner_service" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = aws_apprunner_service.this.arn == "arn:aws:apprunner:eu-west-1:111122223333:service/x" ? "111122223333" : "*" }, Action = "ecr:*" }] })
}
resource "aws_sagemaker_domain" "this" {
  id = "x"
}
resource "aws_ecr_repository_policy" "arn_of_aws_sagemaker_domain" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = aws_sagemaker_domain.this.arn == "arn:aws:sagemaker:eu-west-1:111122223333:domain/x" ? "111122223333" : "*" }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "id_of_aws_ecr_repository" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = aws_ecr_repository.this.id == "x" ? "111122223333" : "*" }, Action = "ecr:*" }] })
}
resource "aws_ecrpublic_repository" "this" {
  repository_name = "x"
}
resource "aws_ecr_repository_policy" "id_of_aws_ecrpublic_repository" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = aws_ecrpublic_repository.this.id == "x" ? "111122223333" : "*" }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "id_of_aws_iam_role" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = aws_iam_role.this.id == "x" ? "111122223333" : "*" }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "id_of_aws_iam_user" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = aws_iam_user.this.id == "x" ? "111122223333" : "*" }, Action = "ecr:*" }] })
}
