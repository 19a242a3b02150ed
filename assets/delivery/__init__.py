"""Files put into somebody's folder, with a record of which are ours."""
