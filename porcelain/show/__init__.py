"""Figures, films and pages of networks, designs and runs. Only this package imports matplotlib."""
