"""ARNs whose account is known before the resource exists: it is the account of the provider."""

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
"""By type: the beginning of the ARN, and the attribute that follows it."""


def pieces_of(shape: str) -> list[str]:
    """Return a shape as its pieces, including placeholders such as `{account}`."""
    return [piece for piece in shape.replace("{", "|{").replace("}", "}|").split("|") if piece]
