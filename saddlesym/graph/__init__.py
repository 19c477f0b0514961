"""The graph of saddles and heteroclinic transitions: construction, queries, export."""
