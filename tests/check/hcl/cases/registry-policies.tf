#= aws_ecr_registry_policy.placed_by_variables external
#= aws_ecr_registry_policy.denied_by_variables undecided
#= aws_ecr_registry_policy.of_an_unknown_name undecided
#= aws_ecr_registry_policy.of_another_service compliant
#= aws_ecr_registry_policy.replication external
#= aws_ecr_registry_policy.own compliant
data "aws_caller_identity" "current" {}
data "aws_region" "current" {}
variable "sources" {
  type    = map(string)
  default = { build = "222233334444" }
}
resource "aws_ecr_registry_policy" "replication" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for name, account in var.sources : {
      Sid       = "Replicate${title(name)}"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${account}:root" }
      Action    = ["ecr:ReplicateImage", "ecr:CreateRepository"]
      Resource  = ["arn:aws:ecr:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:repository/*"]
    }]
  })
}
resource "aws_ecr_registry_policy" "own" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "own"
      Effect    = "Allow"
      Principal = { AWS = data.aws_caller_identity.current.account_id }
      Action    = ["ecr:*"]
      Resource  = "*"
    }]
  })
}
variable "region" {}
variable "account_id" {}
variable "prefix" {}
resource "aws_ecr_registry_policy" "placed_by_variables" {
  policy = jsonencode({
    Statement = {
      Effect    = "Allow"
      Principal = { AWS = "222233334444" }
      Action    = "ecr:ReplicateImage"
      Resource  = ["arn:aws:ecr:${var.region}:${var.account_id}:repository/*"]
    }
  })
}
resource "aws_ecr_registry_policy" "denied_by_variables" {
  policy = jsonencode({
    Statement = [
      { Effect = "Allow", Principal = { AWS = "222233334444" }, Action = "ecr:ReplicateImage", Resource = "*" },
      { Effect = "Deny", Principal = "*", Action = "*", Resource = "arn:aws:ecr:${var.region}:111122223333:repository/*" },
    ]
  })
}
resource "aws_ecr_registry_policy" "of_an_unknown_name" {
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "222233334444" }
      Action    = "ecr:ReplicateImage"
      Resource  = "arn:aws:ecr:${var.region}:111122223333:${var.prefix}"
    }]
  })
}
resource "aws_ecr_registry_policy" "of_another_service" {
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "222233334444" }
      Action    = "ecr:ReplicateImage"
      Resource  = "arn:aws:s3:${var.region}:111122223333:x"
    }]
  })
}
