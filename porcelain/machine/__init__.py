"""The nouns of a machine: vessels, outlets, pipes, labels, joints, layouts, the design and its parts."""
