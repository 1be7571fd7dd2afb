"""Moves sales from other box offices into an engine."""
