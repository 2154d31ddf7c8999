"""The documentation as a site: the pages of docs/, those beside the code, and the reference made from the code."""
