"""Scenes: pictures made of sprites on painted backdrops, each with a caption that is true."""
