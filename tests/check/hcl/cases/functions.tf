#= aws_ecr_repository_policy.each["chain"] external
#= aws_ecr_repository_policy.each["coalesce"] external
#= aws_ecr_repository_policy.each["compact"] compliant
#= aws_ecr_repository_policy.each["encoded"] external
#= aws_ecr_repository_policy.each["format"] compliant
#= aws_ecr_repository_policy.each["join"] external
#= aws_ecr_repository_policy.each["lookup"] external
#= aws_ecr_repository_policy.each["replace"] external
#= aws_ecr_repository_policy.each["split"] compliant
#= aws_ecr_repository_policy.each["try"] external
#= aws_ecr_repository_policy.each["zipmap"] external
#= aws_ecr_repository_policy.each["merge"] public
variable "accounts" {
  default = ["111122223333", "222233334444", ""]
}
locals {
  root = "arn:aws:iam::%s:root"
  map  = { dev = "222233334444", prod = "111122223333" }
  who = {
    chain    = sort(distinct(flatten([[var.accounts[0]], [[var.accounts[1]]], var.accounts[1]])))
    coalesce = coalesce("", null, "222233334444")
    compact  = compact([var.accounts[0], var.accounts[2]])
    format   = format(local.root, element(var.accounts, 3))
    join     = join(":", ["arn:aws:iam:", "222233334444", "root"])
    lookup   = lookup(local.map, "dev", "111122223333")
    replace  = replace("arn:aws:iam::ACCOUNT:root", "ACCOUNT", values(local.map)[0])
    split    = split(",", "111122223333,arn:aws:iam::111122223333:root")
    try      = [for one in tolist(setunion(["111122223333"], ["222233334444"])) : try(local.map[one], one)]
    zipmap   = zipmap(["a", "b"], slice(var.accounts, 0, 2))["b"]
    encoded  = jsondecode(base64decode(base64encode(jsonencode({ who = "222233334444" })))).who
    merge    = merge({ AWS = "111122223333" }, { AWS = upper("*") })["AWS"]
  }
}
resource "aws_ecr_repository_policy" "each" {
  for_each   = local.who
  repository = trimprefix(trimspace(" x/${lower(each.key)} "), "x/")
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { AWS = each.value }, Action = "ecr:BatchGetImage" }]
  })
}
