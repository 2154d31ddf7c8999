#$ ecr
#= module.example.aws_ecr_repository_policy.this external
#--- ecr/main.tf
variable "who" {}
resource "aws_ecr_repository_policy" "this" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = var.who }, Action = "ecr:*" }] })
}
#--- ecr/examples/main.tf
module "example" {
  source = "../"
  who    = "222233334444"
}
