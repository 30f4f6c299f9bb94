// Where libpalimpsest-torch and libtorch are, and how they are loaded.
//
// The library lies beside the program (a build folder) or in ../lib/palimpsest (what `make install` makes). libtorch is, in this order:
//
//   1. LIBTORCH, where that is set: no other then;
//   2. libtorch/ beside the library;
//   3. in a build folder where it was when that was built, which the library itself knows (its run path);
//   4. the user's, where `palimpsest setup` puts it;
//   5. otherwise what the system's loader finds.
//
// libtorch is loaded by its path before the library, which then takes the loaded one for the name it asks for.
#define _GNU_SOURCE
#include "Library.h"
#include "CTorch.h"

#include <ctype.h>
#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if __has_include(<torch/headeronly/version.h>)
#include <torch/headeronly/version.h>
#else
#include <torch/csrc/api/include/torch/version.h>
#endif

#ifdef __APPLE__
#include <mach-o/dyld.h>
#define SUFFIX ".dylib"
#else
#define SUFFIX ".so"
#endif
#define LIBRARY "libpalimpsest-torch" SUFFIX
#define INSTALLED "../lib/palimpsest/"

static struct {
  char library[PATH_MAX];      // libpalimpsest-torch, a path or its name alone
  char torch[PATH_MAX];        // the folder with lib/libtorch; empty: the library's own run path and the system
  char user[PATH_MAX];         // where `palimpsest setup` puts it
  bool is_build_folder;
} places;

static pthread_once_t placed = PTHREAD_ONCE_INIT;
static pthread_once_t loaded = PTHREAD_ONCE_INIT;
static void *library = NULL;
static char problem[4 * PATH_MAX];

// MARK: Where things are

/// Puts the texts together; false, and an empty text, where they do not fit.
static bool join(char *path, const char *first, const char *second, const char *third) {
  int length = snprintf(path, PATH_MAX, "%s%s%s", first, second, third);
  if (length >= 0 && length < PATH_MAX) return true;
  path[0] = 0;
  return false;
}

static bool exists(const char *folder, const char *name) {
  char path[PATH_MAX];
  return join(path, folder, name, "") && access(path, F_OK) == 0;
}

static bool has_torch(const char *folder) { return folder[0] && exists(folder, "/lib/libtorch" SUFFIX); }

/// The folder of the running program with a slash behind it; empty where it is not known.
static void find_program_folder(char *folder) {
#ifdef __APPLE__
  uint32_t size = PATH_MAX;
  if (_NSGetExecutablePath(folder, &size) != 0) folder[0] = 0;
#else
  ssize_t length = readlink("/proc/self/exe", folder, PATH_MAX - 1);
  folder[length < 0 ? 0 : length] = 0;
#endif
  char *slash = strrchr(folder, '/');
  folder[slash ? slash + 1 - folder : 0] = 0;
}

static void find_user_folder(char *folder) {
  const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
  folder[0] = 0;
  if (data && data[0] == '/') {
    join(folder, data, "/palimpsest/libtorch", "");
  } else if (home && home[0]) {
    join(folder, home, "/.local/share/palimpsest/libtorch", "");
  }
}

static void find_places(void) {
  char program[PATH_MAX], beside[PATH_MAX];
  find_program_folder(program);
  places.is_build_folder = exists(program, LIBRARY);
  const char *below = places.is_build_folder ? "" : INSTALLED;
  if (!exists(program, INSTALLED LIBRARY) && !places.is_build_folder) {
    join(places.library, LIBRARY, "", "");
  } else {
    join(places.library, program, below, LIBRARY);
  }
  join(beside, program, below, "libtorch");
  find_user_folder(places.user);
  const char *own = getenv("LIBTORCH");
  if (own && own[0]) {
    join(places.torch, own, "", "");
  } else if (has_torch(beside)) {
    join(places.torch, beside, "", "");
  } else if (!places.is_build_folder && has_torch(places.user)) {
    join(places.torch, places.user, "", "");
  }
}

const char *pt_torch_folder(void) {
  pthread_once(&placed, find_places);
  return places.torch;
}

const char *pt_user_torch_folder(void) {
  pthread_once(&placed, find_places);
  return places.user;
}

bool pt_is_build_folder(void) {
  pthread_once(&placed, find_places);
  return places.is_build_folder;
}

// MARK: Versions

const char *pt_required_version(void) { return TORCH_VERSION; }

void pt_torch_version_in(const char *folder, char *text, size_t capacity) {
  // What scripts/libtorch writes, what PyTorch's own archives hold, and what the torch folder of a Python environment holds.
  static const char *const files[] = {"/version", "/build-version", "/version.py"};
  text[0] = 0;
  for (size_t i = 0; i < sizeof files / sizeof *files && !text[0]; i++) {
    char path[PATH_MAX], line[256];
    FILE *file = join(path, folder, files[i], "") ? fopen(path, "r") : NULL;
    if (!file) continue;
    while (!text[0] && fgets(line, sizeof line, file)) {
      if (i == 2 && strncmp(line, "__version__", 11) != 0) continue;
      const char *start = line;
      while (*start && !isdigit((unsigned char)*start)) start++;
      size_t length = strspn(start, "0123456789abcdefghijklmnopqrstuvwxyz.+");
      if (length && length < capacity) snprintf(text, length + 1, "%s", start);
    }
    fclose(file);
  }
}

/// Whether two versions have the same interface: major and minor number are the same. What is not known may fit.
static bool fits(const char *version) {
  size_t length = (size_t)(strchr(strchr(TORCH_VERSION, '.') + 1, '.') - TORCH_VERSION);
  return !version[0] || (strncmp(version, TORCH_VERSION, length) == 0 && !isdigit((unsigned char)version[length]));
}

// MARK: Loading

/// What mends a libtorch that is missing or does not fit.
static const char *remedy(void) {
  return places.is_build_folder ? "'make build' sets it up; LIBTORCH=DIR names another"
                                : "'palimpsest setup' gets it (no root needed); LIBTORCH=DIR names one that is here, "
                                  "such as the torch folder of a Python environment";
}

static void *open_library(const char *path) { return dlopen(path, RTLD_NOW | RTLD_LOCAL); }

/// Loads the libtorch of `folder`, so that the library finds it loaded.
static bool load_torch(const char *folder) {
  char path[PATH_MAX], version[64];
  if (!has_torch(folder)) {
    snprintf(problem, sizeof problem, "LIBTORCH is %s, which has no lib/libtorch" SUFFIX "; %s", folder, remedy());
    return false;
  }
  pt_torch_version_in(folder, version, sizeof version);
  if (!fits(version)) {
    snprintf(problem, sizeof problem, "the libtorch in %s is version %s, and this program is built for " TORCH_VERSION "; %s", folder,
             version, remedy());
    return false;
  }
  join(path, folder, "/lib/libtorch", SUFFIX);
  if (open_library(path)) return true;
  snprintf(problem, sizeof problem, "the libtorch in %s cannot be loaded: %s; %s", folder, dlerror(), remedy());
  return false;
}

static void load(void) {
  pthread_once(&placed, find_places);
  // Threads of OpenMP that wait for each other spin for milliseconds, which on a machine with other work takes the very
  // core that the thread waited for needs; asleep at once, they cost a quiet machine a tenth or more. So they spin for
  // about 0.1 ms (the count is GNU's, the policy is for other runtimes). Read when the runtime is loaded; a user's own
  // choice stays.
  if (!getenv("OMP_WAIT_POLICY") && !getenv("GOMP_SPINCOUNT")) {
    setenv("OMP_WAIT_POLICY", "PASSIVE", 0);
    setenv("GOMP_SPINCOUNT", "4000", 0);
  }
  if (places.torch[0] && !load_torch(places.torch)) return;
  library = open_library(places.library);
  if (library) return;
  char reason[2 * PATH_MAX];
  snprintf(reason, sizeof reason, "%s", dlerror());
  // A build folder whose libtorch went away.
  if (!places.torch[0] && has_torch(places.user)) {
    if (!load_torch(places.user)) return;
    library = open_library(places.library);
    if (library) return;
    snprintf(reason, sizeof reason, "%s", dlerror());
  }
  if (!strchr(places.library, '/')) {
    snprintf(problem, sizeof problem,
             LIBRARY " is neither beside the program nor in " INSTALLED " from it; install the program again, or run 'make build' in "
             "its checkout");
  } else if (strstr(reason, "libtorch") && strstr(reason, "cannot open")) {
    snprintf(problem, sizeof problem, "libtorch is not here, with which this computes; %s", remedy());
  } else {
    snprintf(problem, sizeof problem, "libtorch cannot be loaded: %s; %s", reason, remedy());
  }
}

const char *pt_load(void) {
  pthread_once(&loaded, load);
  return library ? NULL : problem;
}

void *pt_library_symbol(const char *name, const char **why) {
  void *function = dlsym(library, name);
  if (!function) *why = dlerror();
  return function;
}

void pt_library_missing(const char *why) {
  fprintf(stderr, "palimpsest: %s\n", why);
  fflush(stderr);
  _exit(1);
}
