# The command in a container: docs/integrations.md has how to use it. Nothing in it is newer than its locks say.
FROM python:3.13.15-slim-trixie@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_INPUT=1
WORKDIR /source
COPY requirements/build.txt requirements/command.txt requirements/
# What builds the wheel stays behind in this stage.
RUN python -m venv /opt/build && /opt/build/bin/python -m pip install --require-hashes --only-binary :all: -r requirements/build.txt
RUN python -m venv /opt/ecr-crossaccount && /opt/ecr-crossaccount/bin/python -m pip install --require-hashes --only-binary :all: -r requirements/command.txt
COPY pyproject.toml README.md LICENSE ./
COPY docs/findings.md docs/
COPY rule/ecr_crossaccount rule/ecr_crossaccount
RUN /opt/build/bin/python -m hatchling build -t wheel -d dist && /opt/ecr-crossaccount/bin/python -m pip install --no-deps dist/*.whl
# It has done its work, and scanners report what is in it.
RUN /opt/ecr-crossaccount/bin/python -m pip uninstall --yes pip

FROM python:3.13.15-slim-trixie@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b
LABEL org.opencontainers.image.title="ecr-crossaccount" org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/ecr-crossaccount /opt/ecr-crossaccount
ENV PATH=/opt/ecr-crossaccount/bin:$PATH PYTHONDONTWRITEBYTECODE=1
# Nobody: it owns no file, and needs none. Mount what shall be judged at /work.
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["ecr-crossaccount"]
