"""The AWS Config rule, in this process: moto answers for ECR, STS and Organizations, the honest fake for Config."""
