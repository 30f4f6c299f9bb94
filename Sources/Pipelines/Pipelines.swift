// The jobs that commands run, as values: see the folders beside this file.
