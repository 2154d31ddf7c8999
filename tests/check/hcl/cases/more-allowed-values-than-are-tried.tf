#= aws_ecr_repository_policy.by_one undecided
#= aws_ecr_repository_policy.by_two undecided
variable "one" {
  validation {
    condition     = contains(["111122223333", "1", "2", "3", "4", "5", "6", "7", "8", "9"], var.one)
    error_message = "no"
  }
}
variable "two" {
  validation {
    condition     = contains(["111122223333", "1", "2", "3", "4", "5", "6", "7", "8", "9"], var.two)
    error_message = "no"
  }
}
resource "aws_ecr_repository_policy" "by_one" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = var.one }, Action = "ecr:*" }] })
}
resource "aws_ecr_repository_policy" "by_two" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = var.two }, Action = "ecr:*" }] })
}
