"""The values of a judgement: actions, members, trust, and the verdict."""
