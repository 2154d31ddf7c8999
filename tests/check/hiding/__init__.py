"""Files that hide an open policy behind the indirections of their format. No result of such a folder is green.

Each format has a module with a hider, which writes a folder from a seed. The folder also has a closed policy, so that
"nothing was judged" does not hide a loss.
"""
