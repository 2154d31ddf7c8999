#= aws_ecr_repository_policy.usual compliant
#= aws_ecr_repository_policy.profile undecided
#= aws_ecr_repository_policy.access_key undecided
#= aws_ecr_repository_policy.secret_key undecided
#= aws_ecr_repository_policy.token undecided
#= aws_ecr_repository_policy.shared_credentials_file undecided
#= aws_ecr_repository_policy.shared_credentials_files undecided
resource "aws_iam_role" "usual" {
  name = "usual"
}
resource "aws_ecr_repository_policy" "usual" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = aws_iam_role.usual.arn }, Action = "ecr:*" }] })
}
provider "aws" {
  alias = "profile"
  profile = "theirs"
}
resource "aws_iam_role" "profile" {
  provider = aws.profile
  name     = "theirs"
}
resource "aws_ecr_repository_policy" "profile" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = aws_iam_role.profile.arn }, Action = "ecr:*" }] })
}
provider "aws" {
  alias = "access_key"
  access_key = "theirs"
}
resource "aws_iam_role" "access_key" {
  provider = aws.access_key
  name     = "theirs"
}
resource "aws_ecr_repository_policy" "access_key" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = aws_iam_role.access_key.arn }, Action = "ecr:*" }] })
}
provider "aws" {
  alias = "secret_key"
  secret_key = "theirs"
}
resource "aws_iam_role" "secret_key" {
  provider = aws.secret_key
  name     = "theirs"
}
resource "aws_ecr_repository_policy" "secret_key" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = aws_iam_role.secret_key.arn }, Action = "ecr:*" }] })
}
provider "aws" {
  alias = "token"
  token = "theirs"
}
resource "aws_iam_role" "token" {
  provider = aws.token
  name     = "theirs"
}
resource "aws_ecr_repository_policy" "token" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = aws_iam_role.token.arn }, Action = "ecr:*" }] })
}
provider "aws" {
  alias = "shared_credentials_file"
  shared_credentials_file = "theirs"
}
resource "aws_iam_role" "shared_credentials_file" {
  provider = aws.shared_credentials_file
  name     = "theirs"
}
resource "aws_ecr_repository_policy" "shared_credentials_file" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = aws_iam_role.shared_credentials_file.arn }, Action = "ecr:*" }] })
}
provider "aws" {
  alias = "shared_credentials_files"
  shared_credentials_files = ["theirs"]
}
resource "aws_iam_role" "shared_credentials_files" {
  provider = aws.shared_credentials_files
  name     = "theirs"
}
resource "aws_ecr_repository_policy" "shared_credentials_files" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = aws_iam_role.shared_credentials_files.arn }, Action = "ecr:*" }] })
}
