"""`check`: ECR policies in files, before they are deployed.

Each kind of file has one reader, which turns text into a Harvest. A Report holds the judgement's answers about it. The
command reads files, calls no AWS service, and is not part of the function's artefact.
"""
