"""Pictures of looks: wished for, changed piece by piece, shown to their owner."""
