"""What the dialog manager reaches over the network: its database and its neighbours."""
