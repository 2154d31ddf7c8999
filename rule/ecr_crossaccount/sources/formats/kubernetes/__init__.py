"""Kubernetes manifests: the ECR resources of Crossplane and ACK, alone or inside other resources."""
