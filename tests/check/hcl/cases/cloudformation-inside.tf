#= aws_cloudformation_stack.heredoc/Repository public
#= aws_cloudformation_stack.file/Repository external
#= aws_cloudformation_stack.encoded/Repository compliant
#= aws_cloudformation_stack_set.members/Repository external
#= awscc_cloudformation_stack_set.members/Repository external
#! unjudged aws_cloudformation_stack.elsewhere
resource "aws_cloudformation_stack_set" "members" {
  name          = "members"
  template_body = jsonencode({
    Resources = { Repository = { Type = "AWS::ECR::Repository", Properties = { RepositoryPolicyText = {
      Statement = [{ Effect = "Allow", Principal = { AWS = ["111122223333", { Ref = "AWS::AccountId" }] }, Action = "ecr:*" }]
    } } } }
  })
}
resource "awscc_cloudformation_stack_set" "members" {
  stack_set_name   = "members"
  permission_model = "SERVICE_MANAGED"
  template_body    = jsonencode({
    Resources = { Repository = { Type = "AWS::ECR::Repository", Properties = { RepositoryPolicyText = {
      Statement = [{ Effect = "Allow", Principal = { AWS = "111122223333" }, Action = "ecr:*" }]
    } } } }
  })
}
resource "aws_cloudformation_stack" "heredoc" {
  name          = "heredoc"
  template_body = <<-YAML
    Resources:
      Repository:
        Type: AWS::ECR::Repository
        Properties:
          RepositoryPolicyText:
            Statement:
              - Effect: Allow #@ aws_cloudformation_stack.heredoc/Repository
                Principal: "*"
                Action: ecr:BatchGetImage
  YAML
}
resource "aws_cloudformation_stack" "file" {
  name          = "file"
  template_body = file("${path.module}/stack.yaml")
  parameters = {
    Reader = "222233334444"
  }
}
resource "aws_cloudformation_stack" "encoded" {
  name          = "encoded"
  template_body = jsonencode({ Resources = { Repository = { Type = "AWS::ECR::Repository" } } })
}
resource "aws_cloudformation_stack" "elsewhere" {
  name         = "elsewhere"
  template_url = "https://example.com/stack.yaml"
}
#--- stack.yaml
Parameters:
  Reader:
    Type: String
    Default: "111122223333"
Resources:
  Repository:
    Type: AWS::ECR::Repository
    Properties:
      RepositoryPolicyText:
        Statement:
          - Effect: Allow
            Principal: {AWS: !Ref Reader}
            Action: ecr:BatchGetImage
