"""Work that takes longer than a click: a process of its own and a folder that says how it stands.

In: a kind of job and its folder. Out: a status that is always true: queued, running, done, cancelled, failed or
interrupted. Start, queue, heartbeat, cancel, kill and resume are here, once, for every kind.
"""
