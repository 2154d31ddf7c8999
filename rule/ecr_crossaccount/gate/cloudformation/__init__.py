"""CloudFormation and SAM templates: their ECR policies, intrinsics resolved as far as anybody can before deployment.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""
