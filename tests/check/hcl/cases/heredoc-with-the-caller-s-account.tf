#= aws_ecr_repository_policy.plain compliant
#= aws_ecr_repository_policy.indented external
data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

resource "aws_ecr_repository_policy" "plain" {
  repository = "x"
  policy     = <<POLICY
{
  "Version": "2012-10-17",
  "Statement": [{
    "Sid": "own", "Effect": "Allow", "Action": "ecr:*",
    "Principal": {"AWS": "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root"}
  }]
}
POLICY
}

resource "aws_ecr_repository_policy" "indented" {
  repository = "x"
  policy     = <<-POLICY
    {
      "Version": "2012-10-17",
      "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "${data.aws_caller_identity.current.account_id}"}, "Action": "ecr:*"},
        { "Effect": "Allow", "Principal": {"AWS": ["222233334444"]}, "Action": "ecr:BatchGetImage" }
      ]
    }
  POLICY
}
