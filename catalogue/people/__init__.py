"""The people who work at the desk: what they may, how they are invited, sign in, and are signed out again."""
