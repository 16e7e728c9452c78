"""The known mistakes: of each stage those that a piece of wrong code shows, and families."""
