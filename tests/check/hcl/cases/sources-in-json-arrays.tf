#= aws_ecr_repository_policy.dynamic external
#= aws_ecr_repository_policy.merged external
#= aws_ecr_repository_policy.converted external
#= module.child.aws_ecr_repository_policy.this external
#--- main.tf.json
[
  {"variable": [{"readers": [{"type": "set(string)", "default": ["222233334444", "222233334444"]}]}]},
  {"locals": [{"one": ["222233334444"]}, {"other": "arn:aws:iam::222233334444:root"}]},
  {
    "data": [{
      "aws_iam_policy_document": [{
        "dynamic": [{
          "dynamic": [{
            "statement": [{
              "for_each": "${local.one}",
              "content": [{
                "actions": ["ecr:BatchGetImage"],
                "dynamic": [{"principals": {"for_each": [1], "content": {"type": "AWS", "identifiers": ["${local.other}"]}}}]
              }]
            }]
          }]
        }]
      }]
    }]
  },
  {"resource": [{"aws_ecr_repository_policy": [
    {"dynamic": [{"policy": "${data.aws_iam_policy_document.dynamic.json}"}]},
    {"merged": {"policy": "${jsonencode({Statement = [{Effect = \"Allow\", Principal = {AWS = local.other}, Action = \"ecr:*\"}]})}"}}
  ]}]},
  {"resource": {"aws_ecr_repository_policy": {"converted": {
    "policy": "${jsonencode({Statement = [for one in length(var.readers) == 1 ? var.readers : [] : {Effect = \"Allow\", Principal = {AWS = one}, Action = \"ecr:*\"}]})}"
  }}}},
  {"module": [{"child": [{"source": "./child", "reader": "${local.other}"}]}]}
]
#--- child/main.tf.json
[{"variable": {"reader": {}}}, {"resource": {"aws_ecr_repository_policy": {"this": {
  "policy": "${jsonencode({Statement = [{Effect = \"Allow\", Principal = {AWS = var.reader}, Action = \"ecr:*\"}]})}"
}}}}]
