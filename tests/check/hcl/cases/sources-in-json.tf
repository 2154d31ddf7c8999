#= aws_ecr_repository_policy.open public
#= aws_ecr_repository_policy.pull external
#= aws_ecr_repository_policy.text compliant
#--- main.tf.json
{
  "variable": {"readers": {"type": "list(string)", "default": ["222233334444"]}},
  "data": {
    "aws_caller_identity": {"current": {}},
    "aws_iam_policy_document": {
      "pull": {
        "statement": [
          {
            "sid": "pull",
            "actions": ["ecr:BatchGetImage"],
            "principals": {"type": "AWS", "identifiers": "${formatlist(\"arn:aws:iam::%s:root\", var.readers)}"}
          }
        ]
      }
    }
  },
  "resource": {
    "aws_ecr_repository_policy": {
      "open": {
        "repository": "x",
        "policy": "${jsonencode({Statement = [{Effect = \"Allow\", Principal = \"*\", Action = \"ecr:*\"}]})}"
      },
      "pull": [{"repository": "x", "policy": "${data.aws_iam_policy_document.pull.json}"}],
      "text": {
        "repository": "x",
        "policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"${data.aws_caller_identity.current.account_id}\"}, \"Action\": \"ecr:*\"}]}"
      }
    }
  }
}
