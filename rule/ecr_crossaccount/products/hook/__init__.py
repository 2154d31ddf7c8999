"""A check at deployment: a CloudFormation Lambda hook that judges ECR resources before they are created or changed.

https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/lambda-hooks.html
"""
