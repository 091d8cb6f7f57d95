"""What every rule here shares: how far rounded lengths may be off, and what to do about an edit that broke one."""

OFF_MM = 0.05  # lengths in a design are rounded to a hundredth
UNDO = "undo the edit, or plan the network again"
ROOFS_DEG = (47.0, 75.0)  # at 45 degrees a slicer draws support
