// What the system's C library has and Swift does not import.

#ifndef PALIMPSEST_SYSTEM_H
#define PALIMPSEST_SYSTEM_H

// Lets two files or folders of one file system change names, in one step. Returns 0, or -1 with errno set: ENOSYS or EINVAL where the
// system or the file system cannot.
int palimpsest_exchange(const char *one, const char *two);

#endif
