"""Questions about access: may somebody do something to a repository, by which statement, on what does it depend?"""
