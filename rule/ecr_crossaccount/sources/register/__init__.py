"""The trust register at run time, in an S3 object, SSM parameters or an AppConfig profile, and the list of members.

The boto3 clients are created only when a register is read.
"""
