# What a developer types; `make help` lists what people use, `make help ARGS=all` everything. Every target builds the environment that it needs.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3.13
# What `make guides` follows, and `make test` leaves out unless its ARGS name a path: tools that users install run here.
GUIDES := tests/guides tests/acceptance/test_sam.py tests/packaging/test_pre_commit.py tests/packaging/test_pipx.py
# How many processes run the tests: one more than there are cores, since many tests wait for processes that they start.
# Each reads all tests, which takes 15 s of the processor.
PROCESSES ?= $(shell echo $$(($$($(BIN)/python -c 'import os; print(os.cpu_count())') + 1)))
# What `make verify-nightly` tries, and how many times the usual examples.
LAWS := tests/properties tests/differential tests/organization/test_invariants.py tests/fuzz/test_fuzz.py \
    tests/documents/test_values.py tests/documents/test_ordinary.py tests/judgement/test_automaton.py \
    tests/breadth/test_operators_on_keys.py \
    tests/judgement/test_spellings.py tests/remediation/test_backups.py tests/cli/test_plan.py \
    tests/check/hcl/test_laws_of_hiding.py tests/check/test_hiding.py \
    tests/check/test_laws_of_worlds.py tests/check/hcl/test_laws_of_alternatives.py \
    tests/check/terraform/test_laws_of_plans.py tests/check/hcl/test_laws_of_holes.py \
    tests/rule/test_races.py tests/roles/test_laws.py tests/security_hub/test_finding.py
TIMES ?= 100
# What it climbs to if no ARGS choose a law, and how many minutes of processor time each climb takes.
CLIMBS ?= judge grants registry plan opened registry-opened
MINUTES ?= 10
# Checkov, and our check in it, run on the oldest Python that is supported and here.
OLDEST_PYTHON ?= $(shell .ci/python 3.11 || .ci/python 3.12 || echo $(PYTHON))
VENV := .venv
BIN := $(VENV)/bin
BENCH_VENV := .venv-bench
CHECKOV_VENV := .venv-checkov
FUZZ_VENV := .venv-fuzz
SITE_VENV := .venv-site
COMPARE_VENV := .venv-compare
CDK_VENV := .venv-cdk

# Python keeps what it has compiled, whatever the shell says: thousands of tests start a command, or are collected, with it.
unexport PYTHONDONTWRITEBYTECODE

# The stamps say which lock and which pyproject.toml an environment was made from.
DEPENDENCIES := $(VENV)/.dependencies-installed
PROJECT := $(VENV)/.project-installed
BENCH_DEPENDENCIES := $(BENCH_VENV)/.dependencies-installed
CHECKOV_DEPENDENCIES := $(CHECKOV_VENV)/.dependencies-installed
FUZZ_DEPENDENCIES := $(FUZZ_VENV)/.dependencies-installed
SITE_DEPENDENCIES := $(SITE_VENV)/.dependencies-installed
COMPARE_DEPENDENCIES := $(COMPARE_VENV)/.dependencies-installed
CDK_DEPENDENCIES := $(CDK_VENV)/.dependencies-installed

PIP_INSTALL := -m pip install --quiet --disable-pip-version-check --no-input

# create_environment FOLDER
define create_environment
	command -v $(PYTHON) >/dev/null || { echo "make: \`$(PYTHON)\` is not on PATH; install Python 3.13 or name another: make PYTHON=python3.14" >&2; exit 1; }
	[ -x $(1)/bin/python ] || $(PYTHON) -m venv $(1)
endef

$(DEPENDENCIES): requirements/dev.txt
	@$(call create_environment,$(VENV))
	@echo "installing the locked dependencies into $(VENV) (once, under a minute)"
	@.ci/install $(VENV) $<
	@touch $@

$(PROJECT): $(DEPENDENCIES) pyproject.toml
	@$(BIN)/python $(PIP_INSTALL) --no-build-isolation --no-deps --editable .
	@touch $@

$(BENCH_DEPENDENCIES): requirements/bench.txt
	@$(call create_environment,$(BENCH_VENV))
	@echo "installing the locked competitors into $(BENCH_VENV) (once)"
	@.ci/install $(BENCH_VENV) $<
	@touch $@

$(CHECKOV_DEPENDENCIES): requirements/checkov.txt
	@$(OLDEST_PYTHON) -m venv --clear $(CHECKOV_VENV)
	@echo "installing the locked Checkov into $(CHECKOV_VENV) (once)"
	@.ci/install $(CHECKOV_VENV) $<
	@touch $@

$(FUZZ_DEPENDENCIES): requirements/dev.txt requirements/fuzz.txt
	@$(call create_environment,$(FUZZ_VENV))
	@echo "installing the locked fuzzer into $(FUZZ_VENV) (once)"
	@.ci/install $(FUZZ_VENV) $^
	@touch $@

# Prowler wants a Python before 3.13, and is installed without the other clouds: requirements/compare.in.
$(COMPARE_DEPENDENCIES): requirements/compare.txt requirements/prowler.txt
	@$(OLDEST_PYTHON) -m venv --clear $(COMPARE_VENV)
	@echo "installing the locked peers into $(COMPARE_VENV) (once)"
	@.ci/install $(COMPARE_VENV) requirements/compare.txt
	@$(COMPARE_VENV)/bin/python $(PIP_INSTALL) --require-hashes --no-deps -r requirements/prowler.txt
	@touch $@

$(CDK_DEPENDENCIES): requirements/cdk.txt
	@$(call create_environment,$(CDK_VENV))
	@echo "installing the locked AWS CDK into $(CDK_VENV) (once)"
	@.ci/install $(CDK_VENV) $<
	@touch $@

$(SITE_DEPENDENCIES): requirements/site.txt
	@$(call create_environment,$(SITE_VENV))
	@echo "installing the locked site builder into $(SITE_VENV) (once)"
	@.ci/install $(SITE_VENV) $<
	@touch $@

.PHONY: help
help: ### list the targets that people use; ARGS=all lists every one
	@grep -hE '^[a-z-]+:.*[^#]$(if $(filter all,$(ARGS)),#?)## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | while IFS=$$'\t' read -r target text; do printf '  make %-14s %s\n' "$$target" "$$text"; done
	@$(if $(filter all,$(ARGS)),,echo '  make help ARGS=all lists every target')

.PHONY: install
install: $(PROJECT) ## make the environment in .venv from the lock

.PHONY: demo
demo: $(PROJECT) ## watch a small registry judged and remediated; no AWS account, no container
	@$(BIN)/python -m demo

.PHONY: acceptance
acceptance: $(PROJECT) ### try the stack in a sandbox account of yours; docs/acceptance.md
	@SAM_CLI_TELEMETRY=0 PYTHONPATH=rule $(BIN)/python -m acceptance $(ARGS)

.PHONY: test
test: $(PROJECT) $(CHECKOV_DEPENDENCIES) ## run every test but the guides on all cores; pass pytest options as ARGS="-k judge"
	@$(BIN)/python -m pytest --numprocesses=$(PROCESSES) --dist=loadfile --no-loadscope-reorder $(if $(filter tests/%,$(ARGS)),,$(GUIDES:%=--ignore=%)) $(ARGS)

.PHONY: guides
guides: $(PROJECT) ### type every command of the guides into a simulated AWS, and run the SAM CLI, pre-commit, pipx and uvx
	@$(BIN)/python -m pytest --numprocesses=logical --dist=loadfile $(GUIDES) $(ARGS)

.PHONY: quick
quick: $(PROJECT) ## run the tests of the judgement, the plan and what they rest on: the pure packages
	@$(BIN)/python -m pytest --quiet --numprocesses=logical --dist=loadfile tests/documents tests/judgement tests/breadth tests/plan tests/guardrails $(ARGS)

.PHONY: verify-nightly
verify-nightly: $(PROJECT) $(BENCH_DEPENDENCIES) ### try the laws with TIMES=100 as many examples, new ones each time, and climb; takes hours; docs/verification.md
	@HYPOTHESIS_PROFILE=nightly HYPOTHESIS_TIMES=$(TIMES) $(BIN)/python -m pytest --numprocesses=logical --dist=load --timeout=0 --hypothesis-show-statistics $(LAWS) $(ARGS)
	@for target in $(if $(ARGS),,$(CLIMBS)); do echo "$$target:"; $(MAKE) climb ARGS="--target $$target --seed $$(date +%F) --minutes $(MINUTES) --most 250"; done

	@$(if $(ARGS),,$(MAKE) cdk)

.PHONY: cdk
cdk: $(PROJECT) $(CDK_DEPENDENCIES) ### let apps of the AWS CDK run our plug-in, with Node.js; part of the nightly run
	@$(BIN)/python -m pytest --numprocesses=logical tests/integrations/synth.py

.PHONY: coverage
coverage: $(PROJECT) $(CHECKOV_DEPENDENCIES) ### run every test, and report which lines and branches none of them runs
	@$(BIN)/python -m pytest --numprocesses=logical --dist=loadfile --cov --cov-report=term $(ARGS)

.PHONY: lint
lint: $(PROJECT) ## check style, format and types, workflows, container and shell scripts
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/vermin --quiet --violations --no-parse-comments --target=3.11- rule integrations
	@$(BIN)/actionlint -shellcheck $(BIN)/shellcheck
	@$(BIN)/zizmor --offline --quiet --no-progress --persona=pedantic .github/workflows .github/dependabot.yml action.yml
	@$(BIN)/hadolint Dockerfile
	@$(BIN)/shellcheck .ci/run .ci/install .ci/python .ci/newer-python integrations/github/*

.PHONY: hooks
hooks: $(PROJECT) ### let Git run the quick checks at every commit, and the quick tests at every push
	@$(BIN)/pre-commit install

.PHONY: prose
prose: $(PROJECT) ### list the sentences that break docs/style-guide.md; ARGS="docs/check.md", "messages", "help" or "rule" for a part
	@$(BIN)/python -m tests.docs.prose $(ARGS)

.PHONY: format
format: $(PROJECT) ## rewrite the sources in the house's format
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

.PHONY: documents
documents: $(PROJECT) ### put the scripts of the Automation documents in
	@$(BIN)/python -m remediation

.PHONY: release
release: $(PROJECT) ## write what people install and organizations deploy, as it is in the commit, into build/release; docs/release.md
	@$(BIN)/python -m organization.tracked $(ARGS)

.PHONY: rdk
rdk: $(PROJECT) ### write a folder for AWS's Rule Development Kit into build/rdk; docs/rdk.md
	@$(BIN)/python -m organization.rdk

.PHONY: schemas
schemas: $(PROJECT) ### write the JSON schemas of settings and register
	@for name in settings trust; do $(BIN)/ecr-crossaccount config schema $$name > rule/ecr_crossaccount/products/cli/settings/schemas/$$name.schema.json; done

.PHONY: promises
promises: $(PROJECT) ### record what is new of what stays as it is, or list it with ARGS=--check; docs/stability.md
	@$(BIN)/python -m tests.stability.promises $(ARGS)

.PHONY: answers
answers: $(PROJECT) ### record what is answered to the case tables and a corpus; ARGS="dump" or "compare OLD NEW" shows it
	@$(BIN)/python -m tests.recorded $(or $(ARGS),record)

.PHONY: keys
keys: $(PROJECT) ### write the page of condition keys from their table
	@$(BIN)/python -m tests.docs.condition_keys > docs/condition-keys.md

.PHONY: reference
reference: $(PROJECT) ### write the pages of parameters, outputs, metrics and log lines from templates and code
	@$(BIN)/python -m website.written

.PHONY: site
site: $(SITE_DEPENDENCIES) ## build the documentation as a site into build/site; fails on a link to nowhere
	@PYTHONPATH=rule $(SITE_VENV)/bin/python -m website

.PHONY: picture
picture: $(PROJECT) ### photograph the page of an audit for docs/audit.png, with Chromium
	@mkdir -p build
	@$(BIN)/ecr-crossaccount audit demo/inventory.json --trust demo/trust.yaml --blank-is-none --format html=build/audit.html || [ $$? -eq 1 ]
	@chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --disable-background-networking --window-size=1000,1150 --screenshot=docs/audit.png build/audit.html 2>/dev/null

.PHONY: bench
bench: $(BENCH_DEPENDENCIES) ### measure the judgement against its peers
	@PYTHONPATH=rule $(BENCH_VENV)/bin/python -m benchmarks $(ARGS)

.PHONY: climb
climb: $(BENCH_DEPENDENCIES) ### look for the documents that take longest; ARGS="--seed 7 --minutes 10 --target judge --most 250"
	@PYTHONPATH=rule $(BENCH_VENV)/bin/python -m benchmarks.climb $(ARGS)

.PHONY: bench-growth
bench-growth: $(BENCH_DEPENDENCIES) ### measure how the time grows with a policy; ARGS="--write" writes docs/growth.svg
	@PYTHONPATH=rule $(BENCH_VENV)/bin/python -m benchmarks.growth $(ARGS)

.PHONY: compare
compare: $(PROJECT) $(BENCH_DEPENDENCIES) $(CHECKOV_DEPENDENCIES) $(COMPARE_DEPENDENCIES) ### ask the peers about the same policies, and write docs/comparison.md
	@PYTHONPATH=rule $(BIN)/python -m benchmarks.compare $(ARGS)

.PHONY: bench-audit
bench-audit: $(PROJECT) $(BENCH_DEPENDENCIES) ### measure an audit beside a bare fetch and beside Cloud Custodian
	@$(BIN)/python -m benchmarks.audit $(ARGS)

.PHONY: bench-scale
bench-scale: $(PROJECT) ### measure an audit of 1,000,000 repositories: time, processor and memory; ARGS="--repositories 50000"
	@$(BIN)/python -m benchmarks.scale $(ARGS)

.PHONY: bench-roles
bench-roles: $(PROJECT) ### measure access through roles: 5,000 roles and 500 repositories
	@$(BIN)/python -m benchmarks.roles $(ARGS)

.PHONY: bench-check
bench-check: $(PROJECT) $(CHECKOV_DEPENDENCIES) ### measure a check of templates beside Checkov
	@$(BIN)/python -m benchmarks.check $(ARGS)

.PHONY: checkov
checkov: $(CHECKOV_DEPENDENCIES) ### make the environment in which Checkov runs our check

.PHONY: bench-starts
bench-starts: $(PROJECT) ### measure a cold start's imports and a warm answer, beside rdklib's own
	@$(BIN)/python -m benchmarks.starts $(ARGS)

.PHONY: bench-sweep
bench-sweep: $(PROJECT) ### measure a scheduled run over 100,000 repositories, on simulated APIs
	@$(BIN)/python -m benchmarks.sweep $(ARGS)

.PHONY: fuzz
fuzz: $(PROJECT) $(FUZZ_DEPENDENCIES) ### fuzz guided by coverage; ARGS="policy -max_total_time=600", without end if no time is given
	@PYTHONPATH=rule:. $(FUZZ_VENV)/bin/python -m tests.fuzz.harness $(ARGS)

.PHONY: mutants
mutants: $(PROJECT) ### change the code in one place at a time and see whether a test notices; ARGS="check --sample 100"
	@$(BIN)/python -m tests.mutation $(ARGS)

.PHONY: ci
ci: ### run all that CI runs
	@.ci/run

.PHONY: lock
lock: $(DEPENDENCIES) ### resolve what requirements/*.txt lock again
	@for lock in dev:3.13 bench:3.13 checkov:3.11 fuzz:3.13 site:3.13 compare:3.11 cdk:3.11 build:3.11 matrix:3.11 command:3.11; do \
	    name=$${lock%:*}; source=requirements/$$name.in; [ $$name != command ] || source=pyproject.toml; \
	    $(BIN)/uv pip compile --quiet --universal --python-version $${lock#*:} --generate-hashes \
	        --no-header --no-emit-index-url --no-emit-find-links $$source --output-file requirements/$$name.txt; done

.PHONY: clean
clean: ### remove what was built, the environments too
	@rm -rf $(VENV) $(BENCH_VENV) $(CHECKOV_VENV) $(FUZZ_VENV) $(SITE_VENV) $(COMPARE_VENV) $(CDK_VENV) .pythons .fuzz .mutation build dist htmlcov .aws-sam .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@find tests -name node_modules -type d -prune -exec rm -rf {} +
