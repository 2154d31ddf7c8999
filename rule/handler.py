"""What AWS Lambda calls. Made once for a container; everything else is in `ecr_crossaccount.config`."""

from __future__ import annotations

from collections.abc import Mapping

from ecr_crossaccount.config.evaluator import CrossAccountEvaluator
from ecr_crossaccount.config.rule import CrossAccountRule

EVALUATOR = CrossAccountEvaluator(CrossAccountRule())


def lambda_handler(event: Mapping[str, object], context: object) -> object:
    """Answer an event of AWS Config: results go to Config, errors to Lambda."""
    return EVALUATOR.handle(event, context)
