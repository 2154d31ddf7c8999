#= aws_ecr_repository_policy.switch[0] public
#= aws_ecr_repository_policy.number[0] external
#= aws_ecr_repository_policy.disabled[0] external
#= aws_ecr_repository_policy.each undecided
#= module.child[0].aws_ecr_repository_policy.this public
#= module.table.aws_ecr_repository_policy.this[0] external
#= aws_ecr_repository_policy.two_switches[0] public
#! skipped aws_ecr_repository_policy.never is not there: its `count` leaves it out
#! skipped aws_ecr_repository_policy.no_keys is not there: its `for_each` leaves it out
#! skipped aws_ecr_repository_policy.told is not there
#! skipped module.ecr_off is not there
variable "create" {
  type    = bool
  default = false
}
variable "more" {
  default = "false"
}
variable "number" {
  default = 0
}
variable "disabled" {
  default = true
}
variable "repositories" {
  default = {}
}
variable "told" {
  default = true
}
resource "aws_ecr_repository_policy" "switch" {
  count  = var.create ? 1 : 0
  policy = var.create ? jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:*" }] }) : null
}
resource "aws_ecr_repository_policy" "number" {
  count  = var.number
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "222233334444" }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "disabled" {
  count  = var.disabled ? 0 : 1
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "222233334444" }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "each" {
  for_each = var.repositories
  policy   = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = each.value }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "two_switches" {
  count  = local.both ? 1 : 0
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:*" }] })
}
locals {
  both = var.create && tobool(var.more)
}
resource "aws_ecr_repository_policy" "never" {
  count  = 0
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "no_keys" {
  for_each = {}
  policy   = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "told" {
  count  = var.told ? 1 : 0
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:*" }] })
}
module "child" {
  source = "./child"
  count  = var.create ? 1 : 0
}
module "table" {
  source                      = "terraform-aws-modules/ecr/aws"
  version                     = "3.2.0"
  create                      = var.create
  repository_read_access_arns = ["arn:aws:iam::222233334444:root"]
}
module "ecr_off" {
  source   = "example/ecr/aws"
  for_each = {}
  readers  = ["222233334444"]
}
#--- a.auto.tfvars
told = false
#--- child/main.tf
resource "aws_ecr_repository_policy" "this" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:*" }] })
}
