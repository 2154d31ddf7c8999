#= aws_ecr_repository_policy.this public
#! skipped module `b`
module "a" {
  source = "./a"
}
resource "aws_ecr_repository_policy" "this" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:*" }] })
}
#--- a/main.tf
module "b" {
  source = "../b"
}
#--- b/main.tf
module "b" {
  source = "../b"
}
