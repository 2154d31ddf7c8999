#= aws_ecr_repository_policy.this external
#= aws_ecr_repository_policy.this compliant
variable "who" {
  default = "222233334444"
}
resource "aws_ecr_repository_policy" "this" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = var.who }, Action = "ecr:*" }] })
}
#--- other.tf
variable "who" {
  default = "111122223333"
}
resource "aws_ecr_repository_policy" "this" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = var.who }, Action = "ecr:*" }] })
}
