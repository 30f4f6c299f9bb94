// Finding and loading libpalimpsest-torch; only for Loader.c.
#ifndef PALIMPSEST_LIBRARY_H
#define PALIMPSEST_LIBRARY_H

/// A function of the loaded library; NULL with the reason in `*problem`.
void *pt_library_symbol(const char *name, const char **problem);

/// Says why the library cannot be used and ends the process with status 1.
_Noreturn void pt_library_missing(const char *problem);

#endif
