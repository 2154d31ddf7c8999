#= aws_ecr_repository_policy.this public
#= aws_ecr_repository_policy.this public
#= aws_ecr_repository_policy.this public
resource "aws_ecr_repository_policy" "this" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "111122223333" }, Action = "ecr:*" }] })
}
#--- other.tf
resource "aws_ecr_repository_policy" "this" {
  repository = "y"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "111122223333" }, Action = "ecr:PutImage" }] })
}
#--- open_override.tf
resource "aws_ecr_repository_policy" "this" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:*" }] })
}
