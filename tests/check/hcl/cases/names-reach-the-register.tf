#$ . --trust trust.yaml
#= aws_ecr_repository_policy.base["python"] compliant
#= aws_ecr_repository_policy.base["node"] compliant
#= aws_ecr_repository_policy.other external
locals {
  pull = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { AWS = "222233334444" }, Action = "ecr:BatchGetImage" }]
  })
}
resource "aws_ecr_repository" "base" {
  for_each = toset(["python", "node"])
  name     = format("base/%s", each.key)
}
resource "aws_ecr_repository_policy" "base" {
  for_each   = toset(["python", "node"])
  repository = aws_ecr_repository.base[each.key].id
  policy     = local.pull
}
resource "aws_ecr_repository_policy" "other" {
  repository = "tools/x"
  policy     = local.pull
}
#--- trust.yaml
version: 1
trust:
  - account: "222233334444"
    repositories: ["base/*"]
