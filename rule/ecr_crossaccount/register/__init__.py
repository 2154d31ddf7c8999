"""The trust register where it is at run time: an S3 object, SSM parameters or an AppConfig profile; with its members.

boto3's clients are made when a register is read, and not before.
"""
