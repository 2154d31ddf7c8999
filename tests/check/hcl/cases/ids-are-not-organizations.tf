#$ --organization o-a1b2c3d4e5 --trust trust.yaml .
#= aws_ecr_repository_policy.organization compliant
#= aws_ecr_repository_policy.other undecided
#= aws_ecr_repository_policy.arn undecided
#= aws_ecr_repository_policy.read compliant
resource "aws_organizations_organization" "ours" {}
resource "terraform_data" "other" {}
data "aws_organizations_organization" "ours" {}
resource "aws_ecr_repository_policy" "organization" {
  repository = "x"
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:BatchGetImage",
  Condition = { StringEquals = { "aws:PrincipalOrgID" = aws_organizations_organization.ours.id } } }] })
}
resource "aws_ecr_repository_policy" "other" {
  repository = "x"
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:BatchGetImage",
  Condition = { StringEquals = { "aws:PrincipalOrgID" = terraform_data.other.id } } }] })
}
resource "aws_ecr_repository_policy" "arn" {
  repository = "x"
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:BatchGetImage",
  Condition = { StringEquals = { "aws:PrincipalOrgID" = aws_organizations_organization.ours.master_account_id } } }] })
}
resource "aws_ecr_repository_policy" "read" {
  repository = "x"
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:BatchGetImage",
  Condition = { StringEquals = { "aws:PrincipalOrgID" = data.aws_organizations_organization.ours.id } } }] })
}
#--- trust.yaml
version: 1
trust:
  - organization: self
    reason: ours
    owner: platform
