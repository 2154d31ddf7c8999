"""CloudFormation and SAM templates: their ECR policies, with intrinsic functions resolved as far as possible.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""
