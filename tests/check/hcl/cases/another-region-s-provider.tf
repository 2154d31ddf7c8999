#= aws_ecr_repository_policy.role compliant
#= aws_ecr_repository_policy.profile compliant
#= module.lent.aws_ecr_repository_policy.this external
#= module.shared.aws_ecr_repository_policy.this compliant
provider "aws" {
  region  = "eu-central-1"
  profile = var.profile
}
provider "aws" {
  alias   = "us_east_1"
  region  = "us-east-1"
  profile = var.profile
}
provider "aws" {
  alias   = "guest"
  profile = "guest"
}
provider "aws" {
  alias = "shared"
  assume_role {
    role_arn = "arn:aws:iam::222233334444:role/deploy"
  }
}
variable "profile" {}
data "aws_caller_identity" "guest" {
  provider = aws.guest
}
resource "aws_iam_role" "node" {
  provider           = aws.us_east_1
  name               = "node"
  assume_role_policy = "{}"
}
resource "aws_ecr_repository_policy" "role" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = aws_iam_role.node.arn }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "profile" {
  provider   = aws.guest
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Deny", Principal = "*", Action = "ecr:*" }] })
}
module "lent" {
  source    = "./lent"
  who       = "222233334444"
  providers = { aws = aws.us_east_1 }
}
module "shared" {
  source    = "./lent"
  who       = "222233334444"
  providers = { aws = aws.shared }
}
#--- lent/main.tf
variable "who" {}
resource "aws_ecr_repository_policy" "this" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = var.who }, Action = "ecr:*" }] })
}
