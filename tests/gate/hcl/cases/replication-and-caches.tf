#= aws_ecr_repository_policy.own compliant
#! unjudged aws_ecr_replication_configuration.out: replicates images to registry `222233334444`: check that you trust
#! unjudged aws_ecr_replication_configuration.unknown: replicates images to registry `<var.partner>`, which is not known
#! unjudged aws_ecr_replication_configuration.each: replicates images to registry `333344445555`
#! unjudged aws_ecr_pull_through_cache_rule.partner: caches images of registry `222233334444`
#! unjudged awscc_ecr_replication_configuration.out: replicates images to registry `222233334444`
#! unjudged awscc_ecr_pull_through_cache_rule.partner: caches images of registry `222233334444`
#! unjudged aws_ecr_sharing.later: this version does not know the type `aws_ecr_sharing`
data "aws_caller_identity" "me" {}

variable "partner" {
  type = string
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
    rule {
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
