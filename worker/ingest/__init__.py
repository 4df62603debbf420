"""Files on their way in: read and checked in a child process with bounded memory and time, then stored in one form."""
