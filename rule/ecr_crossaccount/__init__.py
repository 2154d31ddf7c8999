"""What can somebody outside do to this ECR repository?

verdict = judge(policy, Repository(account="111122223333"), Trust.nobody())
"""

from .access.judge import Repository, judge
from .access.judgement import Origin
from .access.trust import Trust
from .access.verdict import Access, Compliance, Severity, Verdict
from .errors import EcrCrossAccountError, TrustError

__all__ = [
    "Access",
    "Compliance",
    "EcrCrossAccountError",
    "Origin",
    "Repository",
    "Severity",
    "Trust",
    "TrustError",
    "Verdict",
    "judge",
]
