"""What processes say to each other: typed messages, their bytes, and the sockets that carry them."""
