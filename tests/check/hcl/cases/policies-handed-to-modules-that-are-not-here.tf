#= module.open.repository_policy public+undecided
#= module.many["a"].repository_policy external+undecided
#= module.many["b"].repository_policy undecided
#= module.registry.registry_policy external
#= module.either.policy undecided
#= module.here.aws_ecr_repository_policy.this external+undecided
#! unjudged module.open
#! unjudged module.many
#! skipped module `registry`
#! skipped module `either`
#! skipped module `others`
variable "flag" {
  type = bool
}
data "aws_iam_policy_document" "open" {
  statement { #@ module.open.repository_policy
    actions = ["ecr:BatchGetImage"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}
module "open" {
  source            = "example/ecr/aws"
  repository_policy = data.aws_iam_policy_document.open.json
}
module "many" {
  source            = "git::https://example.com/ecr.git"
  for_each          = { a = "222233334444", b = "111122223333" }
  repository_policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = each.value }, Action = "ecr:*" }] })
}
module "registry" {
  source = "example/registry/aws"
  registry_policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { AWS = "222233334444" }, Action = "ecr:ReplicateImage", Resource = "*" }]
  })
}
module "either" {
  source = "example/containers/aws"
  policy = var.flag ? null : data.aws_iam_policy_document.open.json
}
module "others" {
  source           = "example/others/aws"
  bucket_policy    = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:*", Resource = "*" }] })
  identity_policy  = jsonencode({ Statement = [{ Effect = "Allow", Action = "ecr:*", Resource = "*" }] })
  policy_arns      = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
  lifecycle_policy = jsonencode({ rules = [{ action = { type = "expire" } }] })
  policy           = var.nowhere
}
module "here" {
  source = "./here"
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "222233334444" }, Action = "ecr:*" }] })
}
#--- here/main.tf
variable "policy" {}
resource "aws_ecr_repository_policy" "this" {
  repository = "x"
  policy     = var.policy
}
