"""The rule for the Rule Development Kit: docs/rdk.md."""
