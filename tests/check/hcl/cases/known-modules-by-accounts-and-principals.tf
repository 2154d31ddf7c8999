#= module.trusting.aws_ecr_repository_policy.default external+service
#= module.alone.aws_ecr_repository_policy.default compliant
#= module.older.aws_ecr_repository_policy.default external+service+undecided
#= module.cross.aws_ecr_repository_policy.this[0] external
#= module.own.aws_ecr_repository_policy.this[0] compliant
module "trusting" {
  source         = "git::https://github.com/DNXLabs/terraform-aws-ecr.git?ref=2.3.2"
  name           = "x"
  trust_accounts = ["222233334444"] #@ module.trusting.aws_ecr_repository_policy.default
}
module "alone" {
  source         = "git::https://github.com/DNXLabs/terraform-aws-ecr.git?ref=2.3.2"
  name           = "x"
  trust_accounts = []
}
module "older" {
  source         = "git::https://github.com/DNXLabs/terraform-aws-ecr.git?ref=0.3.2"
  name           = "x"
  trust_accounts = ["222233334444"]
}
module "cross" {
  source                   = "git::git@github.com:doingcloudright/terraform-aws-ecr-cross-account.git?ref=1.0.1"
  name                     = "x"
  allowed_read_principals  = ["arn:aws:iam::111122223333:root"]
  allowed_write_principals = ["arn:aws:iam::222233334444:root"] #@ module.cross.aws_ecr_repository_policy.this[0]
}
module "own" {
  source                  = "doingcloudright/ecr-cross-account/aws"
  name                    = "x"
  allowed_read_principals = ["arn:aws:iam::111122223333:root"]
}
