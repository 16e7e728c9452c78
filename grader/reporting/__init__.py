"""What is shown of the results of a cohort."""
