"""Texts are read by processes of their own, so that a worker is not bound to the speed of one interpreter."""
