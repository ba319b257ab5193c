"""Layers for sequences: recurrent layers, layers around them, and attention."""
