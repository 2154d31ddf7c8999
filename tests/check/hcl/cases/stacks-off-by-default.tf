#= aws_cloudformation_stack.off[0]/Repository external
#= aws_cloudformation_stack.each/Repository external
#= aws_cloudformation_stack_set.with_a_parameter[0]/Repository undecided
#! skipped aws_cloudformation_stack.never is not there: its `count` leaves it out
#! skipped aws_cloudformation_stack.no_keys is not there: its `for_each` leaves it out
#! unjudged {found.aws_ecr_something}
variable "on" {
  default = false
}
variable "regions" {
  default = {}
}
variable "reader" {
  default = ""
}
locals {
  open = jsonencode({
    Resources = { Repository = { Type = "AWS::ECR::Repository", Properties = { RepositoryPolicyText = {
      Statement = [{ Effect = "Allow", Principal = { AWS = "222233334444" }, Action = "ecr:*" }]
    } } } }
  })
}
resource "aws_cloudformation_stack" "off" {
  count         = var.on ? 1 : 0
  template_body = local.open
}
resource "aws_cloudformation_stack" "each" {
  for_each      = var.regions
  template_body = local.open
}
resource "aws_cloudformation_stack_set" "with_a_parameter" {
  count      = var.on ? 1 : 0
  parameters = { Reader = var.reader }
  template_body = jsonencode({
    Parameters = { Reader = { Type = "String" } }
    Resources = { Repository = { Type = "AWS::ECR::Repository", Properties = { RepositoryPolicyText = {
      Statement = [{ Effect = "Allow", Principal = { AWS = { "Fn::If" = ["IsGiven", { Ref = "Reader" }, { Ref = "AWS::AccountId" }] } }, Action = "ecr:*" }]
    } } } }
    Conditions = { IsGiven = { "Fn::Not" = [{ "Fn::Equals" = [{ Ref = "Reader" }, ""] }] } }
  })
}
resource "aws_cloudformation_stack" "never" {
  count         = 0
  template_body = local.open
}
resource "aws_cloudformation_stack" "no_keys" {
  for_each      = {}
  template_body = local.open
}
resource "aws_ecr_something_new" "off" {
  count = var.on ? 1 : 0
}
