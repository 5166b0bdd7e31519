"""What happened: facts of calls as they occur, and the rows they become."""
