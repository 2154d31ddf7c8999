#= aws_ecr_repository_policy.list[0] external
#= aws_ecr_repository_policy.old compliant
#= aws_ecr_repository_policy.by_number external
#= aws_ecr_repository_policy.template external
variable "readers" {
  type    = "list"
  default = ["222233334444"]
}
data "aws_iam_policy_document" "list" {
  count = "${signum(length(var.readers))}"
  statement {
    sid     = "readers"
    actions = ["ecr:BatchGetImage"]
    principals = {
      type        = "AWS"
      identifiers = ["${var.readers}"]
    }
  }
}
data "aws_caller_identity" "current" {}
data "aws_iam_policy_document" "old" {
  statement {
    actions = ["ecr:*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }
}
data "aws_iam_policy_document" "by_number" {
  source_json = "${signum(length(var.readers)) ? data.aws_iam_policy_document.list.json : data.aws_iam_policy_document.old.json}"
  override_json = "${length(var.readers) == 0 ? 1 : 0 ? data.aws_iam_policy_document.list.json : data.aws_iam_policy_document.old.json}"
}
resource "aws_ecr_repository_policy" "by_number" {
  repository = "x"
  policy     = "${data.aws_iam_policy_document.by_number.json}"
}
resource "template_file" "policy" {
  template = "${file("policy.tpl")}"
  vars {
    account = "222233334444"
  }
}
resource "aws_ecr_repository_policy" "list" {
  count      = "${signum(length(var.readers))}"
  repository = "x"
  policy     = "${data.aws_iam_policy_document.list.json}"
}
resource "aws_ecr_repository_policy" "old" {
  repository = "x"
  policy     = "${data.aws_iam_policy_document.old.json}"
}
resource "aws_ecr_repository_policy" "template" {
  repository = "x"
  policy     = "${template_file.policy.rendered}"
}
#--- policy.tpl
{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "${account}"}, "Action": "ecr:BatchGetImage"}]}
