"""Work on many items: by the processes of this machine, or by a cluster of machines."""
