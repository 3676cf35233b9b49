"""A classroom's room: a teacher opens one and shows a step of a lesson, pupils join by its code and answer.

In come the hash of a browser's secret and what a pupil answered; out go what the class may see, and the answers to
whom they are shown. `rooms` is all that a page needs; `addresses` says where a class finds this machine.
"""
