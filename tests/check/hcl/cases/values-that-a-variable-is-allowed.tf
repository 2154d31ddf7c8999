#= aws_ecr_repository_policy.json undecided
#= aws_ecr_repository_policy.by_default undecided
#= aws_ecr_repository_policy.open_by_default public
#= aws_ecr_repository_policy.without_default undecided
#= aws_ecr_repository_policy.never compliant
#= aws_ecr_repository_policy.always external
variable "env" {
  default = "dev"
  validation {
    condition     = contains(["dev", "prod"], var.env)
    error_message = "dev or prod"
  }
}
variable "stage" {
  validation {
    condition     = contains(["dev", "prod"], var.stage)
    error_message = "dev or prod"
  }
}
locals {
  readers = { dev = "111122223333", prod = "222233334444" }
  opened  = { dev = "*", prod = "111122223333" }
  none    = { dev = "111122223333", prod = "111122223333" }
  outside = { dev = "222233334444", prod = "333344445555" }
}
resource "aws_ecr_repository_policy" "by_default" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = local.readers[var.env] }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "open_by_default" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = local.opened[var.env] }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "without_default" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = var.stage == "prod" ? "222233334444" : "111122223333" }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "never" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = local.none[var.stage] }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "always" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = local.outside[var.stage] }, Action = "ecr:*" }] })
}
#--- json/main.tf.json
{
  "variable": {
    "env": {
      "default": "dev",
      "validation": {"condition": "${contains([\"dev\", \"prod\"], var.env)}", "error_message": "dev or prod"}
    }
  },
  "resource": {
    "aws_ecr_repository_policy": {
      "json": {
        "policy": "${jsonencode({Statement = [{Effect = \"Allow\", Principal = {AWS = var.env == \"prod\" ? \"*\" : \"111122223333\"}, Action = \"ecr:*\"}]})}"
      }
    }
  }
}
