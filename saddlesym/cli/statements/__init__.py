"""The commands on statements: what they say, proofs and checks, conjectures, certificates of Coq."""
