"""Classical baselines that learn: scikit-learn's classifiers, fitted by jobs to more and more of the training pictures.

In: a run whose recipe names a row of zoo.CLASSICAL. Out: the same files as of a network's training, and sizes.json.
scikit-learn is imported inside functions that a job calls, never by the web process.
"""
