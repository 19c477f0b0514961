"""Campaigns: measures over thousands to millions of random instances, on a cluster, kept as Parquet."""
