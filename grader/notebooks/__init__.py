"""The course's notebooks, made from solutions/."""
