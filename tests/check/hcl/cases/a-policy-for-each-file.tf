#= aws_ecr_repository_policy.each["api.json"] external
#= aws_ecr_repository_policy.each["web.json"] compliant
resource "aws_ecr_repository_policy" "each" {
  for_each   = fileset("${path.module}/policies", "*.json")
  repository = trimsuffix(each.value, ".json")
  policy     = file("${path.module}/policies/${each.value}")
}
#--- policies/api.json
{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "222233334444"}, "Action": "ecr:*"}]}
#--- policies/web.json
{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "ecr:*"}]}
#--- policies/other.txt
x
