"""Questions about access: may someone do something to a repository, by which statement, on what does it depend?"""
