"""The parts of docs/bench/consolidate.py and merge_cost.py."""
