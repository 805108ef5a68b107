"""Tables as people keep them, .xlsx and .csv: read by cells, understood by lines, and written."""
