#$ root
#= module.here.aws_ecr_repository_policy.this external
#= module.here.module.inner["a.b"].aws_ecr_repository_policy.this external
#= module.of_the_table.aws_ecr_repository_policy.own public
#= module.older.aws_ecr_repository_policy.this[0] compliant
#= module.linked.who undecided
#! unjudged module.outside
#! unjudged module.changed
#! unjudged module.gone
#! unjudged module.odd
#--- root/main.tf
module "here" {
  source = "example/ecr/aws"
  who    = "222233334444"
}
module "of_the_table" {
  source  = "terraform-aws-modules/ecr/aws"
  version = "~> 3.0"
}
module "older" {
  source  = "terraform-aws-modules/ecr/aws"
  version = "~> 3.0"
}
module "linked" {
  source = "example/ecr/aws"
  who    = "222233334444"
}
module "outside" {
  source = "example/ecr/aws"
}
module "changed" {
  source = "example/ecr-changed/aws"
}
module "gone" {
  source = "example/ecr/aws"
}
module "odd" {
  source = "example/ecr/aws"
}
#--- outside/main.tf
resource "aws_ecr_repository_policy" "out_of_sight" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:*" }] })
}
#--- root/.terraform/modules/modules.json
{"Modules": [
  {"Key": "", "Source": "", "Dir": "."},
  {"Key": "here", "Source": "registry.terraform.io/example/ecr/aws", "Version": "1.0.0", "Dir": ".terraform/modules/here"},
  {"Key": "here.inner", "Source": "registry.terraform.io/example/inner/aws", "Version": "1.0.0", "Dir": ".terraform/modules/here.inner"},
  {"Key": "of_the_table", "Source": "registry.terraform.io/terraform-aws-modules/ecr/aws", "Version": "3.9.0", "Dir": ".terraform/modules/own"},
  {"Key": "older", "Source": "registry.terraform.io/terraform-aws-modules/ecr/aws", "Version": "1.9.0", "Dir": ".terraform/modules/own"},
  {"Key": "linked", "Source": "registry.terraform.io/example/ecr/aws", "Version": "1.0.0", "Dir": ".terraform/modules/../../../outside"},
  {"Key": "outside", "Source": "registry.terraform.io/example/ecr/aws", "Version": "1.0.0", "Dir": "../outside"},
  {"Key": "changed", "Source": "registry.terraform.io/example/ecr/aws", "Version": "1.0.0", "Dir": ".terraform/modules/own"},
  {"Key": "gone", "Source": "registry.terraform.io/example/ecr/aws", "Version": "1.0.0", "Dir": ".terraform/modules/gone"},
  {"Key": "odd", "Source": 7, "Version": [], "Dir": {}},
  "odd", null, {"Key": ["odd"]}
]}
#--- root/.terraform/modules/here/main.tf
variable "who" {}
module "inner" {
  source   = "example/inner/aws"
  for_each = { "a.b" = var.who }
  who      = each.value
}
resource "aws_ecr_repository_policy" "this" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = var.who }, Action = "ecr:*" }] })
}
#--- root/.terraform/modules/here.inner/main.tf
variable "who" {}
resource "aws_ecr_repository_policy" "this" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = var.who }, Action = "ecr:*" }] })
}
#--- root/.terraform/modules/own/main.tf
resource "aws_ecr_repository_policy" "own" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:*" }] })
}
