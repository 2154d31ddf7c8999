"""Checkov's external checks: `checkov --external-checks-dir integrations/checkov`."""
