#= aws_ecr_repository_policy.each["base64"] external
#= aws_ecr_repository_policy.each["chosen"] undecided
#= aws_ecr_repository_policy.each["closed_base64"] compliant
#= aws_ecr_repository_policy.each["closed_csv"] compliant
#= aws_ecr_repository_policy.each["closed_data"] compliant
#= aws_ecr_repository_policy.each["closed_either"] compliant
#= aws_ecr_repository_policy.each["closed_kept"] compliant
#= aws_ecr_repository_policy.each["closed_yaml"] compliant
#= aws_ecr_repository_policy.each["csv"] external
#= aws_ecr_repository_policy.each["data"] external
#= aws_ecr_repository_policy.each["either"] undecided
#= aws_ecr_repository_policy.each["every"] external
#= aws_ecr_repository_policy.gone undecided
#= aws_ecr_repository_policy.each["kept"] external
#= aws_ecr_repository_policy.each["later"] undecided
#= aws_ecr_repository_policy.each["spelled"] undecided
#= aws_ecr_repository_policy.each["unknown_yaml"] undecided
#= aws_ecr_repository_policy.each["written"] undecided
#= aws_ecr_repository_policy.each["yaml"] external
#= aws_ecr_repository_policy.ragged undecided
#= aws_cloudformation_stack.ecr/R external
variable "on" {}
variable "partner" {}
locals {
  rows   = { for row in csvdecode(file("rows.csv")) : row.name => row.account }
  partly = yamldecode(yamlencode({ open = "222233334444", closed = "111122223333", unknown = var.partner }))
  each = {
    base64        = base64decode(filebase64("open.txt"))
    closed_base64 = base64decode(filebase64("closed.txt"))
    csv           = local.rows["open"]
    closed_csv    = local.rows["closed"]
    chosen        = yamldecode(var.on ? yamlencode("222233334444") : yamlencode("111122223333"))
    data          = data.local_file.open.content
    closed_data   = data.local_file.closed.content
    later         = data.local_file.later.content
    written       = data.local_file.written.content
    either        = file(var.on ? "open.txt" : "closed.txt")
    every         = file(var.on ? "open.txt" : "./open.txt")
    closed_either = file(var.on ? "closed.txt" : "./closed.txt")
    kept          = terraform_data.open.output
    closed_kept   = terraform_data.closed.output.who
    yaml          = local.partly.open
    closed_yaml   = local.partly.closed
    unknown_yaml  = local.partly.unknown
    spelled       = yamlencode("x") == "\"x\"" ? "111122223333" : "222233334444"
  }
}
data "local_file" "open" {
  filename = "${path.module}/open.txt"
}
data "local_file" "closed" {
  filename = "closed.txt"
}
data "local_file" "gone" {
  filename = "gone.txt"
}
data "local_file" "later" {
  filename   = "closed.txt"
  depends_on = [terraform_data.open]
}
resource "local_file" "written" {
  filename = "closed.txt"
  content  = var.partner
}
data "local_file" "written" {
  filename = local_file.written.filename
}
resource "terraform_data" "open" {
  input = "222233334444"
}
resource "terraform_data" "closed" {
  input = { who = "111122223333" }
}
resource "aws_ecr_repository_policy" "gone" {
  policy = data.local_file.gone.content
}
resource "aws_ecr_repository_policy" "ragged" {
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { AWS = csvdecode("a,b\n111122223333\n")[0].a }, Action = "ecr:*" }]
  })
}
resource "aws_cloudformation_stack" "ecr" {
  name = "ecr"
  template_body = yamlencode({
    Resources = { R = { Type = "AWS::ECR::Repository", Properties = { RepositoryPolicyText = {
      Statement = [{ Effect = "Allow", Principal = { AWS = "222233334444" }, Action = "ecr:BatchGetImage" }]
    } } } }
  })
}
resource "aws_ecr_repository_policy" "each" {
  for_each   = local.each
  repository = each.key
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { AWS = trimspace(each.value) }, Action = "ecr:BatchGetImage" }]
  })
}
#--- open.txt
222233334444
#--- closed.txt
111122223333
#--- rows.csv
name,account
open,222233334444

closed,"111122223333"
