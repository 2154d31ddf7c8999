#= module.ecr.aws_ecr_repository_policy.this[0] external
#= module.own.aws_ecr_repository_policy.this[0] external
#= module.writers.aws_ecr_repository_policy.this[0] external
#= module.functions.aws_ecr_repository_policy.this[0] external+service
#= module.each["a"].aws_ecr_repository_policy.this[0] external
#= module.each["b"].aws_ecr_repository_policy.this[0] external
#= module.unknown.aws_ecr_repository_policy.this[0] external+undecided
#= module.statements.aws_ecr_repository_policy.this[0] public
#= module.whole.aws_ecr_repository_policy.this[0] public
#= module.public.aws_ecrpublic_repository_policy.example[0] external
#= module.registry.aws_ecr_registry_policy.this[0] external
#= module.any_statements.aws_ecr_repository_policy.this[0] external+undecided
#= module.perhaps.aws_ecr_repository_policy.this[0] external
#! skipped {absent.module_off_called}
#! skipped {absent.module_unattached_called}
#= module.replicating.aws_ecr_replication_configuration.this[0] external
#= module.filtering.aws_ecr_replication_configuration.this[0] external
#= module.caching.aws_ecr_pull_through_cache_rule.this["a"] external
#= module.caching.aws_ecr_pull_through_cache_rule.this["b"] compliant
variable "partner" {}
variable "flag" {
  type = bool
}
module "ecr" {
  source                      = "terraform-aws-modules/ecr/aws"
  version                     = "~> 2.0"
  repository_name             = "base"
  repository_read_access_arns = ["arn:aws:iam::222233334444:root"] #@ module.ecr.aws_ecr_repository_policy.this[0]
}
module "own" {
  source          = "terraform-aws-modules/ecr/aws"
  version         = "1.6.0"
  repository_name = "own"
}
module "writers" {
  source                            = "terraform-aws-modules/ecr/aws"
  version                           = "3.2.0"
  repository_read_write_access_arns = ["arn:aws:iam::222233334444:role/ci"] #@ module.writers.aws_ecr_repository_policy.this[0]
}
module "functions" {
  source                             = "terraform-aws-modules/ecr/aws"
  version                            = "3.2.0"
  repository_lambda_read_access_arns = ["arn:aws:lambda:eu-west-1:222233334444:function:f"] #@ module.functions.aws_ecr_repository_policy.this[0]
}
module "each" {
  source                      = "terraform-aws-modules/ecr/aws"
  for_each                    = { a = "222233334444", b = "111122223333" }
  repository_read_access_arns = ["arn:aws:iam::${each.value}:root"]
}
module "unknown" {
  source                      = "terraform-aws-modules/ecr/aws"
  repository_read_access_arns = ["arn:aws:iam::${var.partner}:root"] #@ module.unknown.aws_ecr_repository_policy.this[0]
}
module "statements" {
  source = "terraform-aws-modules/ecr/aws"
  repository_policy_statements = { #@ module.statements.aws_ecr_repository_policy.this[0]
    all = {
      actions    = ["ecr:BatchGetImage"]
      principals = [{ type = "AWS", identifiers = ["*"] }]
    }
  }
}
module "whole" {
  source                   = "terraform-aws-modules/ecr/aws"
  create_repository_policy = false
  repository_policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:BatchGetImage" }] #@ module.whole.aws_ecr_repository_policy.this[0]
  })
}
module "public" {
  source                            = "terraform-aws-modules/ecr/aws"
  repository_type                   = "public"
  repository_read_write_access_arns = ["arn:aws:iam::222233334444:root"] #@ module.public.aws_ecrpublic_repository_policy.example[0]
}
module "registry" {
  source                 = "terraform-aws-modules/ecr/aws"
  create_repository      = false
  create_registry_policy = true
  registry_policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { AWS = "222233334444" }, Action = "ecr:ReplicateImage", Resource = "*" }]
  })
}
module "perhaps" {
  source                      = "terraform-aws-modules/ecr/aws"
  create                      = var.flag
  repository_read_access_arns = ["arn:aws:iam::222233334444:root"]
}
module "off" {
  source                      = "terraform-aws-modules/ecr/aws"
  create                      = false
  repository_read_access_arns = ["arn:aws:iam::222233334444:root"]
}
module "unattached" {
  source                      = "terraform-aws-modules/ecr/aws"
  attach_repository_policy    = false
  repository_read_access_arns = ["arn:aws:iam::222233334444:root"]
}
module "replicating" {
  source                                    = "terraform-aws-modules/ecr/aws"
  create_repository                         = false
  create_registry_replication_configuration = true
  registry_replication_rules                = [{ destinations = [{ region = "eu-west-1", registry_id = "222233334444" }] }] #@ module.replicating.aws_ecr_replication_configuration.this[0]
}
module "filtering" {
  source                                    = "terraform-aws-modules/ecr/aws"
  create_repository                         = false
  create_registry_replication_configuration = true
  registry_replication_rules = [{ #@ module.filtering.aws_ecr_replication_configuration.this[0]
    destinations       = [{ region = "eu-west-1", registry_id = "222233334444" }]
    repository_filters = [{ filter = "base/", filter_type = "PREFIX_MATCH" }]
  }]
}
module "caching" {
  source            = "terraform-aws-modules/ecr/aws"
  create_repository = false
  registry_pull_through_cache_rules = { #@ module.caching.aws_ecr_pull_through_cache_rule.this["a"]
    a = { ecr_repository_prefix = "a", upstream_registry_url = "222233334444.dkr.ecr.eu-west-1.amazonaws.com" }
    b = { ecr_repository_prefix = "b", upstream_registry_url = "public.ecr.aws" }
  }
}
module "any_statements" {
  source                       = "terraform-aws-modules/ecr/aws"
  repository_policy_statements = var.partner
}
