"""Training: the only package that calls `fit()`. Import its modules inside a job: `train` imports TensorFlow."""
