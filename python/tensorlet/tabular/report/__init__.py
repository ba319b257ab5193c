"""The report of a training: a page of HTML, and the same as JSON."""
