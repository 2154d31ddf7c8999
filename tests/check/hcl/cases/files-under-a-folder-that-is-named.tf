#$ live
#= aws_ecr_repository_policy.each["policies/api.json"] external
#= module.each["policies/api.json"].aws_ecr_repository_policy.this external
#= aws_ecr_repository_policy.braces["policies/api.json"] external
#= aws_ecr_repository_policy.no_folder public
#--- live/main.tf
resource "aws_ecr_repository_policy" "each" {
  for_each   = fileset(path.module, "policies/*.json")
  repository = "x"
  policy     = file("${path.module}/${each.value}")
}
resource "aws_ecr_repository_policy" "braces" {
  for_each   = fileset(path.module, "{policies,others}/*.{json,yaml}")
  repository = "x"
  policy     = file("${path.module}/${each.value}")
}
module "each" {
  source   = "../modules/x"
  for_each = fileset(path.root, "policies/*.json")
  policy   = file(each.value)
}
resource "aws_ecr_repository_policy" "no_folder" {
  for_each   = fileset("elsewhere", "*")
  repository = each.value
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:*" }] })
}
#--- live/policies/api.json
{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "222233334444"}, "Action": "ecr:*"}]}
#--- modules/x/main.tf
variable "policy" {}
resource "aws_ecr_repository_policy" "this" {
  repository = "x"
  policy     = var.policy
}
