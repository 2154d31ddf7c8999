#= module.ecr.aws_ecr_repository_policy.this external
#= module.needy.aws_ecr_repository_policy.this compliant
#= module.stack.aws_ecr_repository_policy.this compliant
#= aws_ecr_repository_policy.this public
#= module.tuned.aws_ecr_repository_policy.that compliant
#= aws_ecr_repository_policy.that public
#= aws_ecr_repository_policy.alone public
module "ecr" {
  source = "./whole"
  who    = "222233334444"
}
module "needy" {
  source = "./needy"
  who    = "111122223333"
}
module "stack" {
  source = "./stack"
  who    = "111122223333"
}
module "tuned" {
  source = "./tuned"
  who    = "111122223333"
}
#--- whole/main.tf
variable "who" {
  default = "*"
}
resource "aws_ecr_repository_policy" "this" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = var.who }, Action = "ecr:*" }] })
}
#--- needy/main.tf
variable "who" {}
resource "aws_ecr_repository_policy" "this" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = var.who }, Action = "ecr:*" }] })
}
#--- stack/main.tf
terraform {
  backend "s3" {}
}
variable "who" {
  default = "*"
}
resource "aws_ecr_repository_policy" "this" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = var.who }, Action = "ecr:*" }] })
}
#--- tuned/main.tf
variable "who" {}
resource "aws_ecr_repository_policy" "that" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = var.who }, Action = "ecr:*" }] })
}
#--- tuned/terraform.tfvars
who = "*"
#--- uncalled/main.tf
resource "aws_ecr_repository_policy" "alone" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:*" }] })
}
