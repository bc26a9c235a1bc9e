"""What the model is shown of a repository: chosen code under a hard budget of tokens."""

from tools.code.pack.contents import LeftOut, Pack, PackedFile, Piece, Section, Tier
from tools.code.pack.packing import pack

__all__ = ["LeftOut", "Pack", "PackedFile", "Piece", "Section", "Tier", "pack"]
