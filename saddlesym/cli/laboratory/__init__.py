"""Commands for what users bring: conjectures, families, campaigns, runs, paths for the kernel."""
