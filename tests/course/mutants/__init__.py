"""The proof of the suites: wrong versions of the solutions must lose points, and right ones must not.

The operators of mutation are our own. Libraries' know numbers and operators; of arguments, axes, fields, names and
returned values, by which these solutions go wrong, they know nothing.
"""
