"""Guardrails: organization policies, evaluated."""
