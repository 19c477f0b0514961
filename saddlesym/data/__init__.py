"""Data of users: files, standard input and shipped examples become tables of exact numbers."""
