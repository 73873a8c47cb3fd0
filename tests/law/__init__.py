"""The law on its own: cases a lawyer can read, properties that hold of any events, and the files it rests on."""
