#= aws_ecr_repository_policy.own compliant
#= aws_ecr_replication_configuration.own compliant
#= aws_ecr_replication_configuration.out external
#= aws_ecr_replication_configuration.unknown undecided
#= aws_ecr_replication_configuration.each external
#= aws_ecr_replication_configuration.perhaps undecided
#= aws_ecr_replication_configuration.perhaps_own compliant
#= aws_ecr_replication_configuration.perhaps_out undecided
#= aws_ecr_replication_configuration.perhaps_besides external+undecided
#= aws_ecr_replication_configuration.one_of_two external+undecided
#= aws_ecr_replication_configuration.trusted compliant
#= aws_ecr_replication_configuration.perhaps_filtered external
#= aws_ecr_replication_configuration.nowhere compliant
#= aws_ecr_replication_configuration.elsewhere undecided
#= aws_ecr_pull_through_cache_rule.public compliant
#= aws_ecr_pull_through_cache_rule.partner external
#= aws_ecr_pull_through_cache_rule.unknown undecided
#= aws_ecr_pull_through_cache_rule.foreign_role invalid
#= aws_ecr_pull_through_cache_rule.unsaid undecided
#= awscc_ecr_replication_configuration.out external
#= awscc_ecr_replication_configuration.perhaps_own compliant
#= awscc_ecr_pull_through_cache_rule.partner external
#! skipped aws_ecr_replication_configuration.off is not there: its `count` leaves it out
#! unjudged {found.aws_ecr_sharing}
data "aws_caller_identity" "me" {}

variable "partner" {
  type = string
}

variable "partners" {
  type = list(string)
}

resource "aws_ecr_repository_policy" "own" {
  repository = "base"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "111122223333" }, Action = "ecr:*" }] })
}

resource "aws_ecr_replication_configuration" "own" {
  replication_configuration {
    rule {
      destination {
        region      = "eu-west-1"
        registry_id = data.aws_caller_identity.me.account_id
      }
    }
  }
}

resource "aws_ecr_replication_configuration" "out" {
  replication_configuration {
    rule { #@ aws_ecr_replication_configuration.out
      destination {
        region      = "eu-west-1"
        registry_id = "222233334444"
      }
    }
  }
}

resource "aws_ecr_replication_configuration" "unknown" {
  replication_configuration {
    rule {
      destination {
        region      = "eu-west-1"
        registry_id = var.partner
      }
    }
  }
}

resource "aws_ecr_replication_configuration" "each" {
  replication_configuration {
    rule {
      dynamic "destination" {
        for_each = ["111122223333", "333344445555"]
        content {
          region      = "eu-west-1"
          registry_id = destination.value
        }
      }
    }
  }
}

resource "aws_ecr_replication_configuration" "perhaps" {
  replication_configuration {
    dynamic "rule" {
      for_each = var.partners
      content {
        destination {
          region      = "eu-west-1"
          registry_id = "222233334444"
        }
      }
    }
  }
}

resource "aws_ecr_replication_configuration" "perhaps_own" {
  replication_configuration {
    rule {
      dynamic "destination" {
        for_each = var.partners
        content {
          region      = destination.value
          registry_id = "111122223333"
        }
      }
    }
  }
}

# If there are partners, their registries are outside.
resource "aws_ecr_replication_configuration" "perhaps_out" {
  replication_configuration {
    rule {
      dynamic "destination" {
        for_each = var.partners
        content {
          region      = destination.value
          registry_id = "222233334444"
        }
      }
    }
  }
}

resource "aws_ecr_replication_configuration" "perhaps_besides" {
  replication_configuration {
    rule {
      destination {
        region      = "eu-west-1"
        registry_id = "222233334444"
      }
      dynamic "destination" {
        for_each = var.partners
        content {
          region      = "eu-west-1"
          registry_id = destination.value
        }
      }
    }
  }
}

resource "aws_ecr_replication_configuration" "one_of_two" {
  replication_configuration {
    rule {
      destination {
        region      = "eu-west-1"
        registry_id = "222233334444"
      }
      destination {
        region      = "eu-west-1"
        registry_id = var.partner == "x" ? "333344445555" : "111122223333"
      }
    }
  }
}

resource "aws_ecr_replication_configuration" "trusted" {
  replication_configuration {
    rule {
      destination {
        region      = "eu-west-1"
        registry_id = "444455556666"
      }
      repository_filter {
        filter      = "base/"
        filter_type = "PREFIX_MATCH"
      }
    }
  }
}

resource "aws_ecr_replication_configuration" "perhaps_filtered" {
  replication_configuration {
    rule {
      destination {
        region      = "eu-west-1"
        registry_id = "444455556666"
      }
      dynamic "repository_filter" {
        for_each = var.partners
        content {
          filter      = "base/"
          filter_type = "PREFIX_MATCH"
        }
      }
    }
  }
}

resource "aws_ecr_replication_configuration" "nowhere" {
  dynamic "replication_configuration" {
    for_each = []
    content {
      rule {
        destination {
          region      = "eu-west-1"
          registry_id = "222233334444"
        }
      }
    }
  }
}

resource "aws_ecr_replication_configuration" "off" {
  count = 0
  replication_configuration {
    rule {
      destination {
        region      = "eu-west-1"
        registry_id = "222233334444"
      }
    }
  }
}

# Nothing here says where it replicates to.
resource "aws_ecr_replication_configuration" "elsewhere" {}

resource "aws_ecr_pull_through_cache_rule" "unsaid" {
  ecr_repository_prefix = "unsaid"
}

resource "aws_ecr_pull_through_cache_rule" "unknown" {
  ecr_repository_prefix = "unknown"
  upstream_registry_url = "${var.partner}.dkr.ecr.eu-west-1.amazonaws.com"
}

resource "aws_ecr_pull_through_cache_rule" "foreign_role" {
  ecr_repository_prefix = "own"
  upstream_registry_url = "111122223333.dkr.ecr.us-east-1.amazonaws.com"
  custom_role_arn       = "arn:aws:iam::222233334444:role/pull"
}

resource "aws_ecr_pull_through_cache_rule" "public" {
  ecr_repository_prefix = "public"
  upstream_registry_url = "public.ecr.aws"
}

resource "aws_ecr_pull_through_cache_rule" "partner" {
  ecr_repository_prefix = "partner"
  upstream_registry_url = "222233334444.dkr.ecr.eu-west-1.amazonaws.com"
}

resource "awscc_ecr_replication_configuration" "out" {
  replication_configuration = {
    rules = [{ destinations = [{ region = "eu-west-1", registry_id = "222233334444" }] }]
  }
}

resource "awscc_ecr_replication_configuration" "perhaps_own" {
  replication_configuration = {
    rules = [
      { destinations = [for one in var.partners : { region = one, registry_id = "111122223333" }] }
    ]
  }
}

resource "awscc_ecr_pull_through_cache_rule" "partner" {
  upstream_registry_url = "222233334444.dkr.ecr.eu-west-1.amazonaws.com"
}

resource "aws_ecr_lifecycle_policy" "harmless" {
  repository = "base"
  policy     = "{}"
}

resource "aws_ecr_sharing" "later" {
  with = "222233334444"
}

#--- trust.yaml
version: 1
trust:
  - {account: "444455556666", repositories: ["base/*"], reason: mirrors the base images, owner: x@example.com}
