#= aws_ecr_repository_policy.commas external
#= aws_ecr_repository_policy.encoded_inside external
#= aws_ecr_repository_policy.directive external
#= aws_ecr_repository_policy.statement_in_text public
#= aws_ecr_repository_policy.escaped compliant
locals {
  accounts = ["111122223333", "222233334444"]
  roots    = [for one in local.accounts : "arn:aws:iam::${one}:root"]
  open     = jsonencode({ Effect = "Allow", Principal = "*", Action = "ecr:BatchGetImage" })
}
resource "aws_ecr_repository_policy" "commas" {
  repository = "x"
  policy     = <<EOF
{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Principal": {"AWS": [${join(", ", formatlist("\"arn:aws:iam::%s:root\"", local.accounts))}]},
    "Action": ["ecr:BatchGetImage"]
  }]
}
EOF
}
resource "aws_ecr_repository_policy" "encoded_inside" {
  repository = "x"
  policy     = <<-EOF
    {"Statement": [{"Effect": "Allow", "Principal": {"AWS": ${jsonencode(local.roots)}}, "Action": "ecr:BatchGetImage"}]}
  EOF
}
resource "aws_ecr_repository_policy" "directive" {
  repository = "x"
  policy     = <<-EOF
    {"Statement": [
      %{~ for index, root in local.roots ~}
      %{ if index > 0 },%{ endif }{"Effect": "Allow", "Principal": {"AWS": "${root}"}, "Action": "ecr:BatchGetImage"}
      %{~ endfor ~}
    ]}
  EOF
}
resource "aws_ecr_repository_policy" "statement_in_text" {
  repository = "x"
  policy     = "{\"Statement\": [${local.open}]}"
}
resource "aws_ecr_repository_policy" "escaped" {
  repository = "x"
  policy     = <<-EOF
    {"Version": "2012-10-17", "Statement": [{
      "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "ecr:*",
      "Condition": {"StringEquals": {"aws:PrincipalAccount": "$${aws:ResourceAccount}"}}
    }]}
  EOF
}
