"""The audit, with moto's ECR and the fake of AWS Config. No call leaves the process."""
