"""Training: labelled lines in, a model file and its card out. Needs scikit-learn (`tocsin[train]`), unlike a worker."""
