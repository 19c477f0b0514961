"""What is known of a statement: verdicts, checks, status, reports."""
