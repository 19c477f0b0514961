"""The command line: parsing, printing, exit status; no mathematics."""
