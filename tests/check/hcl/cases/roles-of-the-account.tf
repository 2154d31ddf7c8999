#= aws_ecr_repository_policy.listed compliant
#= aws_ecr_repository_policy.one compliant
#= aws_ecr_repository_policy.first compliant
#= aws_ecr_repository_policy.before_them compliant
#= aws_ecr_repository_policy.after_them undecided
#= aws_ecr_repository_policy.of_others undecided
#= aws_ecr_repository_policy.shaped external
data "aws_iam_roles" "sso" {
  name_regex  = "AWSReservedSSO_Admin_.*"
  path_prefix = "/aws-reserved/sso.amazonaws.com/"
}
variable "roles" {
  type = list(string)
}
resource "aws_ecr_repository_policy" "listed" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = tolist(data.aws_iam_roles.sso.arns) }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "one" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = one(data.aws_iam_roles.sso.arns) }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "first" {
  repository = "x"
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = [element(tolist(data.aws_iam_roles.sso.arns), 0), sort(data.aws_iam_roles.sso.arns)[0]] }
      Action    = "ecr:*"
    }]
  })
}
resource "aws_ecr_repository_policy" "before_them" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = concat(["111122223333"], tolist(data.aws_iam_roles.sso.arns))[0] }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "after_them" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = concat(tolist(data.aws_iam_roles.sso.arns), ["111122223333"])[1] }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "of_others" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = var.roles[0] }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "shaped" {
  repository = "x"
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { AWS = formatlist("arn:aws:iam::222233334444:role/%s", var.roles)[0] }, Action = "ecr:*" }]
  })
}
