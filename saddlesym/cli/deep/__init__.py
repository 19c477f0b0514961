"""``saddlesym deep``: the commands on deep linear networks, one file each."""
