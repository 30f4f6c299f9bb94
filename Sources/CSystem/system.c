#define _GNU_SOURCE
#include "CSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/syscall.h>
#endif

int palimpsest_exchange(const char *one, const char *two) {
#if defined(__linux__) && defined(SYS_renameat2)
  return (int)syscall(SYS_renameat2, AT_FDCWD, one, AT_FDCWD, two, 1 << 1);
#elif defined(__APPLE__)
  return renamex_np(one, two, RENAME_SWAP);
#else
  (void)one;
  (void)two;
  errno = ENOSYS;
  return -1;
#endif
}
