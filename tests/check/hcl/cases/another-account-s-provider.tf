#= aws_ecr_repository_policy.shared compliant
#= aws_ecr_repository_policy.shared_own external
#= aws_ecr_repository_policy.shared_caller external
#= aws_ecr_repository_policy.session_elsewhere undecided
#= aws_ecr_repository_policy.role undecided
#= aws_ecr_repository_policy.role_known external
provider "aws" {
  region = "eu-central-1"
}
provider "aws" {
  alias = "shared"
  assume_role {
    role_arn = "arn:aws:iam::222233334444:role/deploy"
  }
}
provider "aws" {
  alias   = "guest"
  profile = "guest"
}
data "aws_caller_identity" "shared" {
  provider = aws.shared
}
resource "aws_iam_role" "guest" {
  provider           = aws.guest
  name               = "guest"
  assume_role_policy = "{}"
}
resource "aws_iam_role" "known" {
  provider           = aws.shared
  name               = "known"
  assume_role_policy = "{}"
}
resource "aws_ecr_repository_policy" "shared" {
  provider   = aws.shared
  repository = "x"
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { AWS = data.aws_caller_identity.shared.account_id }, Action = "ecr:*" }]
  })
}
resource "aws_ecr_repository_policy" "shared_own" {
  provider   = aws.shared
  repository = "x"
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "111122223333" }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "role" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = aws_iam_role.guest.arn }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "role_known" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = aws_iam_role.known.arn }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "shared_caller" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = data.aws_caller_identity.shared.arn }, Action = "ecr:*" }] })
}
data "aws_iam_session_context" "elsewhere" {
  arn = "arn:aws:sts::222233334444:assumed-role/deploy/ci"
}
resource "aws_ecr_repository_policy" "session_elsewhere" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = data.aws_iam_session_context.elsewhere.issuer_arn }, Action = "ecr:*" }] })
}
