#= aws_ecr_repository_policy.tfer--base-002F-python external
#= aws_ecr_repository_policy.tfer--tools compliant
resource "aws_ecr_repository_policy" "tfer--base-002F-python" {
  policy = <<POLICY
{
  "Statement": [
    {
      "Action": [
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer"
      ],
      "Effect": "Allow",
      "Principal": {
        "AWS": "arn:aws:iam::222233334444:root"
      },
      "Sid": "pull"
    }
  ],
  "Version": "2008-10-17"
}
POLICY

  repository = "base/python"
}

resource "aws_ecr_repository_policy" "tfer--tools" {
  policy = "{\"Statement\":[{\"Action\":\"ecr:*\",\"Effect\":\"Deny\",\"Principal\":\"*\",\"Sid\":\"none\"}],\"Version\":\"2008-10-17\"}"

  repository = "tools"
}
