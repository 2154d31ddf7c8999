#$ variables.tf
#= aws_ecr_repository_policy.by_variable external
#= module.local.aws_ecr_repository_policy.this external
resource "aws_ecr_repository_policy" "by_variable" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = local.who }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "by_itself" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:*" }] })
}
module "local" {
  source = "./local"
  who    = local.who
}
module "remote" {
  source = "example/remote/aws"
}
module "remote_ecr" {
  source          = "example/ecr/aws"
  reader_accounts = ["444455556666"]
  policy          = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:*" }] })
}
locals {
  who = [var.reader]
}
#--- variables.tf
variable "reader" {
  default = "222233334444"
}
#--- broken.tf
resource "x" "y" {
#--- local/main.tf
variable "who" {}
resource "aws_ecr_repository_policy" "this" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = var.who }, Action = "ecr:*" }] })
}
