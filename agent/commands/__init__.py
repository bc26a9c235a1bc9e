"""The commands of the command line, one module each; what one needs is imported inside it."""
