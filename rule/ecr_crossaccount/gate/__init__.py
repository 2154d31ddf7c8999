"""The gate: ECR policies as they stand in files, before they are deployed.

One reader a kind of file, each from text to a Harvest; the judgement's answers about it are a Report. Reads files,
talks to no AWS service, and is not part of the function's artefact.
"""
