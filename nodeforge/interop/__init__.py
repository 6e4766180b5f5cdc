"""What other programs read and write: their files, their words, told in ours."""
