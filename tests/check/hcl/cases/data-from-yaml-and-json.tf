#= aws_ecr_repository_policy.repositories["api"] external
#= aws_ecr_repository_policy.repositories["web"] compliant
locals {
  repositories = { for one in yamldecode(file("${path.module}/repositories.yaml")).repositories : one.name => one }
  accounts     = jsondecode(file("accounts.json"))
}
resource "aws_ecr_repository_policy" "repositories" {
  for_each   = local.repositories
  repository = each.key
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = [for name in each.value.readers : local.accounts[name]] }
      Action    = "ecr:BatchGetImage"
    }]
  })
}
#--- repositories.yaml
repositories:
  - name: api
    readers: [own, partner]
  - name: web
    readers:
      - own
#--- accounts.json
{"own": "111122223333", "partner": "222233334444"}
