#= aws_ecr_replication_configuration.objects external
#= aws_ecr_replication_configuration.lists external
#= aws_ecr_replication_configuration.own compliant
#= aws_ecr_replication_configuration.dynamic external
#= aws_ecr_replication_configuration.filtered compliant
#= awscc_ecr_replication_configuration.object external
#= awscc_ecr_replication_configuration.expression undecided
#= aws_ecr_pull_through_cache_rule.partner external
#--- main.tf.json
{
  "resource": {
    "aws_ecr_replication_configuration": {
      "objects": {"replication_configuration": {"rule": {"destination": {"region": "eu-west-1", "registry_id": "222233334444"}}}},
      "lists": {"replication_configuration": [{"rule": [{"destination": [{"region": "eu-west-1", "registry_id": "111122223333"}, {"region": "eu-west-1", "registry_id": "222233334444"}]}]}]},
      "own": {"replication_configuration": {"rule": {"destination": {"region": "eu-west-1", "registry_id": "111122223333"}}}},
      "dynamic": {"replication_configuration": {"dynamic": {"rule": {"for_each": ["222233334444"], "content": {"destination": {"region": "eu-west-1", "registry_id": "${rule.value}"}}}}}},
      "filtered": {"replication_configuration": {"rule": {"destination": {"region": "eu-west-1", "registry_id": "444455556666"}, "repository_filter": {"filter": "base/", "filter_type": "PREFIX_MATCH"}}}}
    },
    "awscc_ecr_replication_configuration": {
      "object": {"replication_configuration": {"rules": [{"destinations": [{"region": "eu-west-1", "registry_id": "222233334444"}]}]}},
      "expression": {"replication_configuration": "${data.http.rules.body}"}
    },
    "aws_ecr_pull_through_cache_rule": {
      "partner": {"ecr_repository_prefix": "x", "upstream_registry_url": "222233334444.dkr.ecr.eu-west-1.amazonaws.com"}
    }
  }
}
#--- trust.yaml
version: 1
trust:
  - {account: "444455556666", repositories: ["base/*"], reason: mirrors the base images, owner: x@example.com}
