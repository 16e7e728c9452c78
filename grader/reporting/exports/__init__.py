"""Results as files that other programs read: gradebooks of learning platforms, test reports, tables."""
