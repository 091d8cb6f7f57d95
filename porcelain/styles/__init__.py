"""Body styles: one folder for each, and the rules and requirements that all of them share."""
