"""A quiz: people name the same test pictures as the networks, and are counted in the same way.

In: a seed, and what somebody calls the twenty pictures that it draws. Out: accuracies with their intervals, where two
differ, and what so few pictures say, in words. Who answered, and where, is no matter.
"""
