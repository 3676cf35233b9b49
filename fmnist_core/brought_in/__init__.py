"""Models and answers from elsewhere, made into runs: ONNX, Keras, CSV and NPZ files of anyone's.

In: a file's content and name. Out: a run like any other. A file is opened in the sandbox alone (`work`, `keras_work`),
which finds out what the model takes and says, and writes it anew as a network of this app; `bringing` starts that and
trusts nothing of what comes back. docs/bring-your-own.md.
"""
