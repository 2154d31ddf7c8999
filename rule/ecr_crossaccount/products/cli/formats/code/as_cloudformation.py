"""A template with the repository and its policy: AWS::ECR::Repository."""

from __future__ import annotations

from .....judgement.judge import Repository
from . import Document, words_of

FILE = "template.yaml"


def render(policy: Document, repository: Repository) -> str:
    """Return a template in YAML. It has no RepositoryName if the repository's name is unknown."""
    import yaml

    name = {} if repository.name == "*" else {"RepositoryName": repository.name}
    words = "".join(word.capitalize() for word in words_of(repository))
    # A logical ID has only letters and digits, and must not begin with a digit, as a repository's name can.
    logical_id = words if words[0].isalpha() else f"Repository{words}"
    template = {
        "Resources": {
            logical_id: {"Type": "AWS::ECR::Repository", "Properties": {**name, "RepositoryPolicyText": dict(policy)}}
        }
    }
    text: str = yaml.dump(template, Dumper=_dumper(), sort_keys=False, width=110)
    return text


def _dumper() -> type:
    import yaml

    class Dumper(yaml.SafeDumper):
        """Indents lists below their name, as templates do, and repeats a value in place of a YAML alias."""

        def increase_indent(self, *_: object, **__: object) -> None:
            super().increase_indent(flow=False, indentless=False)

        def ignore_aliases(self, _: object) -> bool:
            return True

    return Dumper
