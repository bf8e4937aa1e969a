"""What the counts mean: shares, growth, stages, seasons, pairs and harmonies. Pure numpy.

Formulas and their sources stand in each module and, for readers, in ``docs/analytics.md``.
"""
