#= aws_ecr_repository_policy.beside undecided
#= aws_ecr_repository_policy.below undecided
#= aws_ecr_repository_policy.elsewhere compliant
variable "beside" { default = "111122223333" }
variable "below" { default = "111122223333" }
variable "elsewhere" { default = "111122223333" }
resource "aws_ecr_repository_policy" "beside" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = var.beside }, Action = "ecr:BatchGetImage" }] })
}
resource "aws_ecr_repository_policy" "below" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = var.below }, Action = "ecr:BatchGetImage" }] })
}
resource "aws_ecr_repository_policy" "elsewhere" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = var.elsewhere }, Action = "ecr:BatchGetImage" }] })
}
#--- terraform.tfvars
beside = "111122223333"
below  = "111122223333"
#--- prod.tfvars
beside = "222233334444"
#--- environments/prod/terraform.tfvars
below = "222233334444"
#--- other/main.tf
variable "elsewhere" {}
#--- other/prod.tfvars
elsewhere = "222233334444"
