#$ . --var-file prod.tfvars --parameter tool=333344445555 --parameter 'tools=["444455556666"]'
#= aws_ecr_repository_policy.automatic compliant
#= aws_ecr_repository_policy.file external
#= aws_ecr_repository_policy.parameter external
#= aws_ecr_repository_policy.parameters external
variable "automatic" {}
variable "file" {
  type = string
}
variable "tool" {
  type = string
}
variable "tools" {
  type    = list(string)
  default = []
}
locals {
  who = { automatic = [var.automatic], file = [var.file], parameter = [var.tool], parameters = var.tools }
  policy = { for name, who in local.who : name => jsonencode({
    Statement = { Effect = "Allow", Principal = { AWS = who }, Action = "ecr:BatchGetImage" }
  }) }
}
resource "aws_ecr_repository_policy" "automatic" {
  repository = "x"
  policy     = local.policy.automatic
}
resource "aws_ecr_repository_policy" "file" {
  repository = "x"
  policy     = local.policy["file"]
}
resource "aws_ecr_repository_policy" "parameter" {
  repository = "x"
  policy     = lookup(local.policy, "parameter")
}
resource "aws_ecr_repository_policy" "parameters" {
  repository = "x"
  policy     = local.policy.parameters
}
#--- terraform.tfvars
automatic = "111122223333"
file      = "111122223333"
#--- prod.tfvars
file = 222233334444
