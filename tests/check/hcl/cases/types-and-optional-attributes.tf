#= aws_ecr_repository_policy.each["api"] external
#= aws_ecr_repository_policy.each["web"] compliant
variable "repositories" {
  type = map(object({
    readers = optional(list(string), ["111122223333"])
    actions = optional(set(string), ["ecr:BatchGetImage"])
    extra   = optional(string)
  }))
  default = {
    api = { readers = [222233334444] }
    web = {}
  }
}
data "aws_iam_policy_document" "each" {
  for_each = var.repositories
  statement {
    actions = each.value.actions
    principals {
      type        = "AWS"
      identifiers = each.value.readers
    }
    dynamic "condition" {
      for_each = each.value.extra == null ? [] : [each.value.extra]
      content {
        test     = "StringEquals"
        variable = "aws:PrincipalTag/team"
        values   = [condition.value]
      }
    }
  }
}
resource "aws_ecr_repository_policy" "each" {
  for_each   = data.aws_iam_policy_document.each
  repository = each.key
  policy     = each.value.json
}
