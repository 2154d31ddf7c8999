#= module.policy.aws_ecr_repository_policy.policy[0] public
#= module.approval.aws_ecr_repository_policy.policy[0] undecided
#= module.scan.aws_ecr_repository_policy.policy[0] compliant
#= module.templates.aws_ecr_repository_creation_template.this["p"] public
#! skipped {absent.module_none_called}
module "policy" {
  source  = "lgallard/ecr/aws"
  version = "0.3.2"
  name    = "x"
  policy  = <<-EOT
    {"Statement": [
      {"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}
    ]}
  EOT
}
module "approval" {
  source                    = "lgallard/ecr/aws"
  version                   = "2.1.1"
  name                      = "x"
  enable_pull_request_rules = true
  pull_request_rules = [
    { name = "pr", type = "approval", enabled = true, conditions = { allowed_principals = ["arn:aws:iam::222233334444:root"] } },
  ]
}
module "scan" {
  source                    = "lgallard/ecr/aws"
  version                   = "2.1.1"
  name                      = "x"
  enable_pull_request_rules = true
  pull_request_rules        = [{ name = "scan", type = "security_scan", enabled = true }]
}
module "templates" {
  source                               = "lgallard/ecr/aws"
  version                              = "2.1.1"
  name                                 = "x"
  enable_repository_creation_templates = true
  repository_creation_templates = [{
    prefix            = "p"
    applied_for       = ["PULL_THROUGH_CACHE"]
    repository_policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:BatchGetImage" }] })
  }]
}
module "none" {
  source  = "lgallard/ecr/aws"
  version = "2.1.1"
  name    = "x"
}
