"""An audit as one page for a browser. It loads nothing from elsewhere, and runs only its own script.

`findings` makes the rows of its table, `trust_map` the picture, and `page` puts everything into `page.html`. The
content of a policy is always text: the template escapes it, and the script inserts it only as text nodes.
"""
