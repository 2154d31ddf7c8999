"""Manifests of Kubernetes: what Crossplane and ACK make of them in ECR, by themselves or inside of other resources."""
