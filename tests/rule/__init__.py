"""The AWS Config rule in this process. moto replaces ECR, STS and Organizations, and a fake replaces Config."""
