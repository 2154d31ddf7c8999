"""Calls the planning function from a script. An unreadable answer ends the run."""

import json
from collections.abc import Mapping

import boto3
from botocore.config import Config

from .stop import StepError

SECONDS = 90
"""How long to wait for an answer. The function ends after 60 seconds."""


def ask(function: str, request: Mapping[str, str]) -> dict[str, str]:
    """Return the function's answer, with every field as text. Raises StepError, ClientError, BotoCoreError."""
    patience = Config(read_timeout=SECONDS, retries={"mode": "standard", "total_max_attempts": 3})
    told = boto3.client("lambda", config=patience).invoke(FunctionName=function, Payload=json.dumps(request).encode())
    text = told["Payload"].read().decode(errors="replace")
    try:
        answer = json.loads(text)
    except ValueError:
        answer = text
    if told.get("FunctionError") or not isinstance(answer, dict) or "Compliance" not in answer:
        problem = answer.get("errorMessage", text) if isinstance(answer, dict) else text
        raise StepError(f"the planning function gave no answer: {problem}")
    return {name: str(value) for name, value in answer.items()}
