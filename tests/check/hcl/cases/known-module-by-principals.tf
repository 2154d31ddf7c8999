#= module.full.aws_ecr_repository_policy.name["a"] external
#= module.full.aws_ecr_repository_policy.name["b"] external
#= module.functions.aws_ecr_repository_policy.name["eg-prod-x"] external+service
#= module.organization.aws_ecr_repository_policy.name external
#= module.cache.aws_ecr_repository_policy.name["quay/x"] external
#= module.cache.aws_ecr_repository_policy.name["other/x"] compliant
#= module.own.aws_ecr_repository_policy.name["own"] compliant
#! skipped {absent.module_nobody_called}
#! skipped {absent.module_off_called}
module "full" {
  source                 = "cloudposse/ecr/aws"
  version                = "0.41.0"
  image_names            = ["a", "b"]
  principals_full_access = ["arn:aws:iam::222233334444:root"] #@ module.full.aws_ecr_repository_policy.name["a"]
}
module "functions" {
  source            = "git::https://github.com/cloudposse/terraform-aws-ecr.git?ref=tags/0.34.0"
  namespace         = "eg"
  stage             = "Prod"
  name              = "x"
  principals_lambda = ["222233334444"] #@ module.functions.aws_ecr_repository_policy.name["eg-prod-x"]
}
module "organization" {
  source                        = "cloudposse/ecr/aws"
  version                       = "1.0.0"
  organizations_readonly_access = ["o-abcdefghij"]
  context                       = module.this.context
}
module "cache" {
  source                             = "cloudposse/ecr/aws"
  version                            = "1.0.0"
  image_names                        = ["quay/x", "other/x"]
  prefixes_pull_through_repositories = ["quay"]
  principals_pull_though_access      = ["arn:aws:iam::222233334444:root"] #@ module.cache.aws_ecr_repository_policy.name["quay/x"]
  principals_readonly_access         = ["arn:aws:iam::111122223333:root"]
}
module "own" {
  source                     = "cloudposse/ecr/aws"
  version                    = "1.0.0"
  name                       = "own"
  principals_readonly_access = ["arn:aws:iam::111122223333:role/reader"]
}
module "nobody" {
  source  = "cloudposse/ecr/aws"
  version = "1.0.0"
  name    = "nobody"
}
module "off" {
  source                 = "cloudposse/ecr/aws"
  version                = "1.0.0"
  enabled                = false
  name                   = "off"
  principals_full_access = ["*"]
}
