"""Parts of the page Lessons: the list, a step, its question, the answer."""
