"""An audit as one page for a browser: it needs nothing from elsewhere, and runs nothing but its own script.

`findings` makes the rows of its table, `trust_map` the picture, `page` puts all into `page.html`. Whatever stands in a
policy is text in it: escaped by the template, and put into the page by the script as text nodes alone.
"""
