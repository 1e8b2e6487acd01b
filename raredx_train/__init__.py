"""The RareDxR1 recipe on TRL."""
