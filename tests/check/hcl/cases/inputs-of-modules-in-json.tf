#= module.open.aws_ecr_repository_policy.this public
#--- main.tf.json
{
  "//": "written by a program",
  "locals": {"condition": ["*"], "dynamic": "x"},
  "module": {"open": {"source": "./ecr", "principals": "${local.condition}", "//": {"metadata": 1}}}
}
#--- ecr/main.tf
variable "principals" {
  default = ["111122223333"]
}
resource "aws_ecr_repository_policy" "this" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = var.principals }, Action = "ecr:*" }] })
}
