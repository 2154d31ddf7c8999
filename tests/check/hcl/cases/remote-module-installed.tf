#= module.ecr.aws_ecr_repository_policy.this external
module "ecr" {
  source  = "example/ecr/aws"
  version = "1.0.0"
  who     = "222233334444"
}
#--- .terraform/modules/modules.json
{"Modules": [{"Key": "", "Source": "", "Dir": "."}, {"Key": "ecr", "Source": "registry.terraform.io/example/ecr/aws", "Version": "1.0.0", "Dir": ".terraform/modules/ecr"}]}
#--- .terraform/modules/ecr/main.tf
variable "who" {}
resource "aws_ecr_repository_policy" "this" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = var.who }, Action = "ecr:*" }] })
}
