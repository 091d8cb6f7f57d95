"""The one reader of meshes: what parts hold, how wide their ways are and how thick their walls, with no design at hand.

`check` and `inspect` both measure with it. Its cuts are its own: the kernel that made the parts is not asked.
"""
