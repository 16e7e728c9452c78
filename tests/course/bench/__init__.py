"""The benchmark: one cohort, marked by chainrule, by its peers, and by a floor without isolation."""
