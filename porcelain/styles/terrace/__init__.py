"""Style "terrace": a stair of bucket rows with level sills, knives and gutters, printed without support."""
