"""The audit, against moto's ECR and the honest fake of AWS Config; nothing leaves the process."""
