"""ARNs of which the account is known before anything is made: that of the provider that makes them."""

from __future__ import annotations

from collections.abc import Mapping

ARNS: Mapping[str, tuple[str, str]] = {
    "aws_iam_role": ("iam::{account}:role{path}", "name"),
    "aws_iam_user": ("iam::{account}:user{path}", "name"),
    "aws_ecr_repository": ("ecr:{region}:{account}:repository/", "name"),
    "aws_lambda_function": ("lambda:{region}:{account}:function:", "function_name"),
    "aws_codebuild_project": ("codebuild:{region}:{account}:project/", "name"),
    "aws_codepipeline": ("codepipeline:{region}:{account}:", "name"),
    "aws_apprunner_service": ("apprunner:{region}:{account}:service/", "service_name"),
    "aws_sagemaker_domain": ("sagemaker:{region}:{account}:domain/", "id"),
}
"""By type: what an ARN begins with, and the attribute that follows."""


def pieces_of(shape: str) -> list[str]:
    """Return a shape as its pieces, `{account}` and its like among them."""
    return [piece for piece in shape.replace("{", "|{").replace("}", "}|").split("|") if piece]
