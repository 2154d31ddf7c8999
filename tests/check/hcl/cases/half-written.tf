#= aws_ecr_repository_policy.whole public
#! error column 14
resource "aws_ecr_repository_policy" "whole" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "half" {
  repository = 
  policy     = jsonencode({ Statement = [{ Effect = "Allow"
