#= aws_ecr_repository_policy.beside undecided
#= aws_ecr_repository_policy.below undecided
#= aws_ecr_repository_policy.elsewhere compliant
#= aws_ecr_repository_policy.four_below undecided
#= aws_ecr_repository_policy.five_below compliant
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
variable "four_below" { default = "111122223333" }
variable "five_below" { default = "111122223333" }
resource "aws_ecr_repository_policy" "four_below" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = var.four_below }, Action = "ecr:BatchGetImage" }] })
}
resource "aws_ecr_repository_policy" "five_below" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = var.five_below }, Action = "ecr:BatchGetImage" }] })
}
#--- terraform.tfvars
beside = "111122223333"
below  = "111122223333"
#--- environments/prod/eu/blue/terraform.tfvars
four_below = "222233334444"
#--- environments/prod/eu/blue/one/terraform.tfvars
five_below = "222233334444"
#--- prod.tfvars
beside = "222233334444"
#--- environments/prod/terraform.tfvars
below = "222233334444"
#--- other/main.tf
variable "elsewhere" {}
#--- other/prod.tfvars
elsewhere = "222233334444"
