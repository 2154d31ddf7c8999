"""What was found, judged: findings, results, and their comparison."""
