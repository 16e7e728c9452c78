"""A notebook's cells as the modules of its stages. Untrusted side: imports nothing but itself."""
