// What analyses are and what they write: see the files beside this one.
