"""What water does at an outlet: weirs, orifices, pipes, and the laws that the simulator and the planner share."""
