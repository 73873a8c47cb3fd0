"""Reports: what people take home.

Holds the exports somebody asked for (data sets as CSV or JSON Lines, made by a worker) and the case report (one case,
readable by a person, as JSON or as a page). Both only read.

It promises:

* an export is its own permission and wants a purpose; who asked, for what, how many rows it had and the file's
  SHA-256 are kept;
* rows and columns are decided by the one access policy, row by row; what a row's viewer may not see comes out empty;
* the profile `deidentified` is the default and holds no words, no names, no handler, nothing finer than a month before
  a procedure began and a state for a place; the narrative is in no export whatever the profile;
* one definition of the columns serves CSV, JSON Lines and the dictionary beside the file;
* an export is one moment of the database, is written at flat memory, appears whole or not at all, and is taken up again
  when its worker dies; after seven days its file is gone.
"""
