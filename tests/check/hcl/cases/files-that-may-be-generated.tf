#= aws_ecr_repository_policy.or_null undecided
#= aws_ecr_repository_policy.or_own undecided
#= aws_ecr_repository_policy.or_open undecided
#= aws_ecr_repository_policy.or_another_one undecided
#= aws_ecr_repository_policy.in_a_list undecided
#= aws_ecr_repository_policy.if_it_exists undecided
#= aws_ecr_repository_policy.if_it_can_be_read undecided
#= aws_ecr_repository_policy.if_neither_exists undecided
#= aws_ecr_repository_policy.here external
#= aws_ecr_repository_policy.here_if_it_exists external
locals {
  own  = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "111122223333" }, Action = "ecr:*" }] })
  open = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "222233334444" }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "or_null" {
  policy = try(file("generated/policy.json"), null)
}
resource "aws_ecr_repository_policy" "or_own" {
  policy = try(templatefile("generated/policy.tpl", {}), local.own)
}
resource "aws_ecr_repository_policy" "or_open" {
  policy = try(file("generated/policy.json"), local.open)
}
resource "aws_ecr_repository_policy" "or_another_one" {
  policy = try(file("generated/policy.json"), file("generated/other.json"), local.own)
}
resource "aws_ecr_repository_policy" "in_a_list" {
  policy = jsonencode({ Statement = [{
    Effect = "Allow", Action = "ecr:*"
    Principal = { AWS = concat(["111122223333"], try(jsondecode(file("generated/readers.json")), [])) }
  }] })
}
resource "aws_ecr_repository_policy" "if_it_exists" {
  policy = fileexists("generated/policy.json") ? file("generated/policy.json") : local.own
}
resource "aws_ecr_repository_policy" "if_it_can_be_read" {
  policy = can(file("generated/on")) ? local.open : local.own
}
resource "aws_ecr_repository_policy" "if_neither_exists" {
  policy = !fileexists("generated/policy.json") && !fileexists("${path.module}/generated/off") ? local.open : local.own
}
resource "aws_ecr_repository_policy" "here" {
  policy = try(file("here.json"), local.own)
}
resource "aws_ecr_repository_policy" "here_if_it_exists" {
  policy = fileexists("here.json") ? file("here.json") : local.own
}
#--- here.json
{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "222233334444"}, "Action": "ecr:*"}]}
