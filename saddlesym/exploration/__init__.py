"""The exploration of a data set: path, saddles, graph, flows and verdicts, within stated budgets."""
