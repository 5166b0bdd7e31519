"""Published dialplans: numbered versions that never change, and which of them answers whom."""
