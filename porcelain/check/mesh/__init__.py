"""The one reader of meshes: volumes of hollows, sections of channels, thickness of walls, without a design.

`check` and `inspect` both measure with it. Its cuts are its own: the kernel that made the parts is not asked.
"""
