"""What a passage can say of a claim. The words are labels and column names: they are not changed lightly."""

SUPPORTS, REFUTES, SILENT = "supports", "refutes", "not enough"
LABELS = (SUPPORTS, REFUTES, SILENT)
