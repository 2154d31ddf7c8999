#= aws_ecr_repository_policy.file external
#= aws_ecr_repository_policy.template external
#= aws_ecr_repository_policy.template_unknown undecided
#= aws_ecr_repository_policy.data_source external
#= aws_ecr_repository_policy.missing undecided
variable "partner" {}
resource "aws_ecr_repository_policy" "file" {
  repository = "x"
  policy     = file("${path.module}/policies/pull.json")
}
resource "aws_ecr_repository_policy" "template" {
  repository = "x"
  policy = templatefile("policies/pull.json.tpl", {
    accounts = ["111122223333", "222233334444"]
  })
}
resource "aws_ecr_repository_policy" "template_unknown" {
  repository = "x"
  policy     = templatefile("${path.module}/policies/one.json.tftpl", { account = var.partner })
}
data "template_file" "policy" {
  template = file("policies/one.json.tftpl")
  vars = {
    account = "222233334444"
  }
}
resource "aws_ecr_repository_policy" "data_source" {
  repository = "x"
  policy     = data.template_file.policy.rendered
}
resource "aws_ecr_repository_policy" "missing" {
  repository = "x"
  policy     = file("policies/missing.json")
}
#--- policies/pull.json
{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": "222233334444"}, "Action": "ecr:BatchGetImage"}
  ]
}
#--- policies/pull.json.tpl
{
  "Version": "2012-10-17",
  "Statement": [
    %{ for index, account in accounts ~}
    {"Effect": "Allow", "Principal": {"AWS": "${account}"}, "Action": "ecr:BatchGetImage"}%{ if index < length(accounts) - 1 },%{ endif }
    %{ endfor ~}
  ]
}
#--- policies/one.json.tftpl
{
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::${account}:root"}, "Action": "ecr:BatchGetImage"}]
}
