"""Commands for what users bring: conjectures, families, campaigns, runs of their own, paths for the kernel."""
