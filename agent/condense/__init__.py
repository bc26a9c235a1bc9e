"""A conversation that outgrows its room: cut old outputs, take notes, choose the code anew."""
