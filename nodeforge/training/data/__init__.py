"""What training starts from: sprites with names, and the words of the tokenizer."""
