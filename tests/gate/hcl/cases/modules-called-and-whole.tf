#= module.ecr.aws_ecr_repository_policy.this external
#= aws_ecr_repository_policy.this public
#= module.needy.aws_ecr_repository_policy.this compliant
module "ecr" {
  source = "./whole"
  who    = "222233334444"
}
module "needy" {
  source = "./needy"
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
