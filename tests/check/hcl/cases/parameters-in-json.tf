#$ --parameter env=prod --parameter readers=["222233334444"] .
#= aws_ecr_repository_policy.text public
#= aws_ecr_repository_policy.list external
#--- main.tf.json
{
  "variable": {"env": {"type": "string"}, "readers": {"type": "list(string)"}},
  "resource": {"aws_ecr_repository_policy": {
    "text": {
      "policy": "${jsonencode({Statement = [{Effect = \"Allow\", Principal = {AWS = var.env == \"prod\" ? \"*\" : \"111122223333\"}, Action = \"ecr:*\"}]})}"
    },
    "list": {
      "policy": "${jsonencode({Statement = [{Effect = \"Allow\", Principal = {AWS = var.readers}, Action = \"ecr:*\"}]})}"
    }
  }}
}
