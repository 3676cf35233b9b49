"""Parts of a classroom's room: the teacher's bar and what the class answers, the pupils' page."""
