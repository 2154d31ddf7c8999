#= aws_ecrpublic_repository_policy.writers external
#= aws_ecrpublic_repository_policy.own compliant
locals {
  write = ["ecr-public:InitiateLayerUpload", "ecr-public:PutImage"]
}
resource "aws_ecrpublic_repository_policy" "writers" {
  repository_name = "gallery"
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { AWS = ["222233334444"] }, Action = local.write }]
  })
}
resource "aws_ecrpublic_repository_policy" "own" {
  repository_name = "gallery"
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { AWS = ["111122223333"] }, Action = local.write }]
  })
}
