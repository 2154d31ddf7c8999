"""What leads from a role to the permissions of other roles, besides `sts:AssumeRole`.

Anyone who can change IAM, give a role to a service that runs their code, or run commands on compute that has a role,
can do what that role can do. The lists follow Cloudsplaining, PMapper and Prowler.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
https://github.com/salesforce/cloudsplaining/blob/master/cloudsplaining/shared/constants.py
https://github.com/nccgroup/PMapper/wiki/Privilege-Escalation-Risks
"""

from __future__ import annotations

from functools import lru_cache

from ...documents.document import Actions
from ...documents.pattern import pattern
from ...judgement.patterns.tokens import Names

_EACH = """
    iam:PutRolePolicy iam:AttachRolePolicy iam:CreatePolicyVersion iam:SetDefaultPolicyVersion
    iam:UpdateAssumeRolePolicy iam:CreateAccessKey iam:CreateLoginProfile iam:UpdateLoginProfile iam:PutUserPolicy
    iam:PutGroupPolicy iam:AttachUserPolicy iam:AttachGroupPolicy iam:AddUserToGroup
    iam:DeleteRolePermissionsBoundary lambda:UpdateFunctionCode glue:UpdateDevEndpoint ecs:ExecuteCommand
    ec2-instance-connect:SendSSHPublicKey ssm:SendCommand ssm:StartSession codebuild:StartBuild
"""
_ALONE = _EACH.split()
_TOGETHER = [
    line.split()
    for line in """
    iam:PassRole ec2:RunInstances
    iam:PassRole ec2:RequestSpotInstances
    iam:PassRole lambda:CreateFunction lambda:InvokeFunction
    iam:PassRole lambda:CreateFunction lambda:AddPermission
    iam:PassRole lambda:CreateFunction lambda:CreateEventSourceMapping
    iam:PassRole ecs:RegisterTaskDefinition ecs:RunTask
    iam:PassRole ecs:RegisterTaskDefinition ecs:StartTask
    iam:PassRole ecs:RegisterTaskDefinition ecs:CreateService
    iam:PassRole codebuild:CreateProject codebuild:StartBuild
    iam:PassRole cloudformation:CreateStack
    iam:PassRole glue:CreateDevEndpoint
    iam:PassRole glue:CreateJob glue:StartJobRun
    iam:PassRole sagemaker:CreateNotebookInstance
    iam:PassRole sagemaker:CreateTrainingJob
    iam:PassRole sagemaker:CreateProcessingJob
    iam:PassRole datapipeline:CreatePipeline datapipeline:PutPipelineDefinition datapipeline:ActivatePipeline
    iam:PassRole apprunner:CreateService
    iam:PassRole bedrock-agentcore:CreateCodeInterpreter bedrock-agentcore:InvokeCodeInterpreter
    ec2:ModifyInstanceAttribute ec2:StopInstances ec2:StartInstances
    cloudformation:CreateChangeSet cloudformation:ExecuteChangeSet
""".splitlines()
    if line.split()
]
"""Actions that together run someone's code with a role. Alone, none of them does."""

NAMES = tuple(dict.fromkeys([*_ALONE, *(name for line in _TOGETHER for name in line)]))
_IN_LIST = Names(name.lower() for name in NAMES)
_BITS = {name: 1 << place for place, name in enumerate(NAMES)}
EVERY = sum(_BITS.values())
_SETS = [_BITS[name] for name in _ALONE] + [sum(_BITS[name] for name in line) for line in _TOGETHER]


@lru_cache(maxsize=1024)
def more_of(actions: Actions) -> int:
    """Return the listed actions that an element names, as bits."""
    found = 0
    for text in actions.patterns:
        found |= _IN_LIST.matching(pattern(str(text).lower(), wild=True, variables=False).parts)
    return EVERY & ~found if actions.negated else found


def leading(mask: int) -> tuple[str, ...]:
    """Return the actions of a set that lead further, alone or with others of the set."""
    telling = 0
    for number in _SETS:
        if mask & number == number:
            telling |= number
    return tuple(name for name, bit in _BITS.items() if telling & bit)
