#= aws_ecr_repository_policy.overridden external
#= aws_ecr_repository_policy.tofu external
resource "aws_ecr_repository_policy" "overridden" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "111122223333" }, Action = "ecr:*" }] })
}
#--- main_override.tf
resource "aws_ecr_repository_policy" "overridden" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "222233334444" }, Action = "ecr:*" }] })
}
#--- other.tf
resource "aws_ecr_repository_policy" "tofu" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "111122223333" }, Action = "ecr:*" }] })
}
#--- other.tofu
resource "aws_ecr_repository_policy" "tofu" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "222233334444" }, Action = "ecr:*" }] })
}
