"""The known mistakes, a module for each stage."""
