#= module.new.aws_ecr_repository_policy.this[0] undecided
#= module.branch.aws_ecr_repository_policy.this[0] undecided
#= module.fork.aws_ecr_repository_policy.this[0] undecided
#= module.argument.aws_ecr_repository_policy.this[0] undecided
#= module.granting.aws_ecr_repository_policy.this[0] external+undecided
#= module.variable.aws_ecr_repository_policy.this[0] undecided
#! unjudged module.nothing: version `9.0.0` of `cloudposse/ecr/aws`
#! unjudged module.folder
module "new" {
  source  = "terraform-aws-modules/ecr/aws"
  version = "~> 9.0"
}
module "branch" {
  source = "git::https://github.com/terraform-aws-modules/terraform-aws-ecr.git?ref=feature"
}
module "fork" {
  source = "git::https://github.com/terraform-aws-modules/terraform-aws-ecr.git?ref=0123456789abcdef0123456789abcdef01234567"
}
module "argument" {
  source           = "terraform-aws-modules/ecr/aws"
  version          = "3.2.0"
  repository_users = ["x"]
}
module "granting" {
  source                      = "terraform-aws-modules/ecr/aws"
  version                     = "0.1.0"
  repository_read_access_arns = ["arn:aws:iam::222233334444:root"]
}
module "variable" {
  source  = "terraform-aws-modules/ecr/aws"
  version = var.release
}
module "nothing" {
  source  = "cloudposse/ecr/aws"
  version = "9.0.0"
  name    = "x"
}
module "folder" {
  source  = "terraform-aws-modules/ecr/aws//modules/nowhere"
  version = "3.2.0"
}
