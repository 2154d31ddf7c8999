#$ --trust trust.yaml --organization o-mineisthis0 .
#= module.ecr.accounts undecided
#= module.containers.ecr_readers undecided
#= module.my_ecr_repos.settings undecided
#= module.ecrs.accounts undecided
#= module.prose.reader undecided
#= module.heredoc.settings undecided
#= module.organization.readers undecided
#= module.numbers.account undecided
#= module.deep["x"].who undecided
#= module.local.who undecided
#! unjudged module.trusted
#! unjudged module.own
#! unjudged module.empty
#! unjudged module.image
#! unjudged module.unknown
#! skipped module `secrets`
variable "partner" {}
module "ecr" {
  source   = "example/ecr/aws"
  name     = "x"
  accounts = { a = ["222233334444"] } #@ module.ecr.accounts
}
module "containers" {
  source      = "example/containers/aws"
  ecr_readers = "arn:aws:iam::222233334444:root"
}
module "my_ecr_repos" {
  source = "git::https://example.com/infrastructure.git"
  settings = jsonencode({
    a = { "arn:aws:iam::222233334444:role/ci" = true }
  })
}
module "prose" {
  source = "example/ecr/aws"
  reader = "arn:aws:iam::222233334444:role/${var.partner}"
}
module "heredoc" {
  source   = "example/ecr/aws"
  settings = <<-EOT
    readers: ["arn:aws:iam::222233334444:role/${var.partner}"]
    writers: []
  EOT
}
module "ecrs" {
  source   = "example/registries/aws"
  accounts = ["222233334444"]
}
module "organization" {
  source  = "example/ecr/aws"
  readers = "o-abcdefghij"
}
module "numbers" {
  source  = "example/ecr/aws"
  account = 222233334444
}
module "deep" {
  source   = "example/ecr/aws"
  for_each = { x = "222233334444" }
  who      = [[{ id = "arn:aws:iam::${each.value}:root" }]]
}
module "local" {
  source = "./modules/ecr"
  who    = ["222233334444"]
}
module "trusted" {
  source  = "example/ecr/aws"
  readers = ["333344445555"]
}
module "own" {
  source       = "example/ecr/aws"
  readers      = ["arn:aws:iam::111122223333:root"]
  organization = "o-mineisthis0"
}
module "empty" {
  source = "example/ecr/aws"
}
module "image" {
  source = "example/ecr-mirror/aws"
  from   = "222233334444.dkr.ecr.eu-west-1.amazonaws.com/base:1"
}
module "unknown" {
  source  = "example/ecr/aws"
  readers = [var.partner]
}
module "secrets" {
  source   = "example/secrets-manager/aws"
  accounts = ["222233334444"]
}
#--- trust.yaml
version: 1
trust:
  - account: "333344445555"
    reason: CI pulls
    owner: platform@example.org
