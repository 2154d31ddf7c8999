"""For every test: none can reach an account, and none depends on how fast the machine is."""

from __future__ import annotations

import os

from tests import profiles


def pytest_configure() -> None:
    """Put made-up credentials where boto3 looks, before any module is imported, and load the profile of Hypothesis.

    What a developer has set for the command is forgotten.
    """
    for name in [name for name in os.environ if name.startswith(("AWS_", "ECR_CROSSACCOUNT_"))]:
        del os.environ[name]
    os.environ |= {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    profiles.load()
