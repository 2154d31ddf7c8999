#= module.git.aws_ecr_repository_policy.this[0] external
#= module.commit.aws_ecr_repository_policy.this[0] external
#= module.ssh.aws_ecr_repository_policy.this[0] external
#= module.short.aws_ecr_repository_policy.this[0] external
#= module.host.aws_ecr_repository_policy.this[0] external
#= module.opentofu.aws_ecr_repository_policy.this[0] external
#= module.template.aws_ecr_repository_creation_template.this[0] external
#= module.items.module.wrapper["a"].aws_ecr_repository_policy.this[0] external
#= module.items.module.wrapper["b"].aws_ecr_repository_policy.this[0] compliant
#= module.json.aws_ecr_repository_policy.this[0] external
module "git" {
  source                      = "git::https://github.com/terraform-aws-modules/terraform-aws-ecr.git?ref=v2.3.0"
  repository_read_access_arns = ["arn:aws:iam::222233334444:root"]
}
module "commit" {
  source                      = "git::https://github.com/terraform-aws-modules/terraform-aws-ecr?ref=f475c99a68f1f3b0e0bf996d098d94c68570eab8"
  repository_read_access_arns = ["arn:aws:iam::222233334444:root"]
}
module "ssh" {
  source                      = "git@github.com:terraform-aws-modules/terraform-aws-ecr.git?ref=1.7.1"
  repository_read_access_arns = ["arn:aws:iam::222233334444:root"]
}
module "short" {
  source                      = "github.com/terraform-aws-modules/terraform-aws-ecr"
  repository_read_access_arns = ["arn:aws:iam::222233334444:root"]
}
module "host" {
  source                      = "registry.terraform.io/terraform-aws-modules/ecr/aws"
  version                     = ">= 1.0, < 3.0"
  repository_read_access_arns = ["arn:aws:iam::222233334444:root"]
}
module "opentofu" {
  source                      = "registry.opentofu.org/terraform-aws-modules/ecr/aws"
  version                     = "3.2"
  repository_read_access_arns = ["arn:aws:iam::222233334444:root"]
}
module "template" {
  source                      = "terraform-aws-modules/ecr/aws//modules/repository-template"
  version                     = "3.2.0"
  prefix                      = "p"
  repository_read_access_arns = ["arn:aws:iam::222233334444:root"]
}
module "items" {
  source   = "terraform-aws-modules/ecr/aws//wrappers"
  version  = "3.2.0"
  defaults = { repository_type = "private" }
  items = { #@ module.items.module.wrapper["a"].aws_ecr_repository_policy.this[0]
    a = { repository_read_write_access_arns = ["arn:aws:iam::222233334444:root"] }
    b = { repository_name = "b" }
  }
}
#--- more.tf.json
{"module": {"json": {
  "source": "terraform-aws-modules/ecr/aws",
  "version": "3.2.0",
  "repository_read_access_arns": ["arn:aws:iam::222233334444:root"]
}}}
