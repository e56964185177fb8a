"""The parts of scripts/make_crds.py."""
