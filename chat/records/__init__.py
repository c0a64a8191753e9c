"""What stands in the database. It blocks; `database.py` has the threads."""
