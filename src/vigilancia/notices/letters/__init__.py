"""Letters: what each kind of notice says, read anew at the moment of sending; one module for each kind."""
