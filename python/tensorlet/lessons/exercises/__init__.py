"""The checks and hints of the exercises, one file for each lesson."""
