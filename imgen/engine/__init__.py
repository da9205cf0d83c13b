"""Plugins, and pipelines of their tools: run, cached, written as recipes."""
