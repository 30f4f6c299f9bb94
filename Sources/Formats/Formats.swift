// Text and binary formats that several targets read and write: see the files beside this one.
