#= aws_ecr_repository_policy.this external
#= aws_ecr_repository_policy.this compliant
#= aws_ecr_repository_policy.this compliant
provider "aws" {
  alias = "shared"
  assume_role {
    role_arn = "arn:aws:iam::333344445555:role/deploy"
  }
}
resource "aws_ecr_repository_policy" "this" {
  provider   = aws.shared
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "222233334444" }, Action = "ecr:*" }] })
}
#--- other.tf
provider "aws" {
  alias = "shared"
  assume_role {
    role_arn = "arn:aws:iam::222233334444:role/deploy"
  }
}
resource "aws_ecr_repository_policy" "this" {
  provider   = aws.shared
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "222233334444" }, Action = "ecr:*" }] })
}
#--- third.tf
provider "aws" {
  alias = "shared"
  assume_role {
    role_arn = "arn:aws:iam::222233334444:role/deploy"
  }
}
resource "aws_ecr_repository_policy" "this" {
  provider   = aws.shared
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "222233334444" }, Action = "ecr:*" }] })
}
