"""The edge: Kamailio in front of the cells, so that many processes and machines have one SIP address."""
