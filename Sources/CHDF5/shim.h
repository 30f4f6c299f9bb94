#ifndef PALIMPSEST_CHDF5_SHIM_H
#define PALIMPSEST_CHDF5_SHIM_H
#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// Macros of libhdf5 that hide casts or globals, as functions that Swift can see. They borrow: no identifier
// returned here may be closed.

static inline hid_t palimpsest_h5p_default(void) { return H5P_DEFAULT; }
static inline hid_t palimpsest_h5p_file_create(void) { return H5P_FILE_CREATE; }
static inline hid_t palimpsest_h5p_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t palimpsest_h5p_group_create(void) { return H5P_GROUP_CREATE; }
static inline hid_t palimpsest_h5p_link_create(void) { return H5P_LINK_CREATE; }
static inline hid_t palimpsest_h5p_dataset_create(void) { return H5P_DATASET_CREATE; }
static inline hid_t palimpsest_h5p_dataset_access(void) { return H5P_DATASET_ACCESS; }

static inline hid_t palimpsest_h5e_default(void) { return H5E_DEFAULT; }
static inline hid_t palimpsest_h5s_all(void) { return H5S_ALL; }
static inline size_t palimpsest_h5t_variable(void) { return H5T_VARIABLE; }
static inline haddr_t palimpsest_haddr_undefined(void) { return HADDR_UNDEF; }

static inline hid_t palimpsest_h5t_c_string(void) { return H5T_C_S1; }
static inline hid_t palimpsest_h5t_int8(void) { return H5T_STD_I8LE; }
static inline hid_t palimpsest_h5t_int16(void) { return H5T_STD_I16LE; }
static inline hid_t palimpsest_h5t_int32(void) { return H5T_STD_I32LE; }
static inline hid_t palimpsest_h5t_int64(void) { return H5T_STD_I64LE; }
static inline hid_t palimpsest_h5t_uint8(void) { return H5T_STD_U8LE; }
static inline hid_t palimpsest_h5t_uint16(void) { return H5T_STD_U16LE; }
static inline hid_t palimpsest_h5t_uint32(void) { return H5T_STD_U32LE; }
static inline hid_t palimpsest_h5t_uint64(void) { return H5T_STD_U64LE; }
static inline hid_t palimpsest_h5t_float32(void) { return H5T_IEEE_F32LE; }
static inline hid_t palimpsest_h5t_float64(void) { return H5T_IEEE_F64LE; }

static inline unsigned palimpsest_h5f_accessor_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned palimpsest_h5f_accessor_read_write(void) { return H5F_ACC_RDWR; }
static inline unsigned palimpsest_h5f_accessor_truncate(void) { return H5F_ACC_TRUNC; }
static inline unsigned palimpsest_h5f_obj_all(void) { return H5F_OBJ_ALL; }

// How many identifiers (files, datasets, groups, types, attributes) are open in the whole process.
static inline ssize_t palimpsest_h5f_open_count(void) { return H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_ALL); }

// The identifiers themselves, at most `count` of them; they stay owned by whoever opened them.
static inline ssize_t palimpsest_h5f_open_ids(size_t count, hid_t *ids) {
  return H5Fget_obj_ids((hid_t)H5F_OBJ_ALL, H5F_OBJ_ALL, count, ids);
}

// The number of the open file in which an object lies, and the object's address there: together they tell objects apart
// while the file is open. A file that is reached through an external link has another number than the file that links.
// 0 where it went well.
static inline int palimpsest_h5o_place(hid_t object, unsigned long *file, haddr_t *address) {
  H5O_info_t information;
  if (H5Oget_info2(object, &information, H5O_INFO_BASIC) < 0) return -1;
  *file = information.fileno;
  *address = information.addr;
  return 0;
}

static inline hsize_t palimpsest_h5s_unlimited(void) { return H5S_UNLIMITED; }

// MARK: Trying a file out
//
// libhdf5 1.10 can crash on damaged files: parts of the format (the heap of variable-length strings, all of the older
// format) carry no checksums and are trusted. A file that is not known to be sound is therefore looked through once in a
// forked child, which runs nothing but C, before the process itself opens it. The child follows no link to another file
// and reads no data that lie in other files (virtual datasets, external storage): those are looked at when they are used.
// It looks at a bounded part of large files, so that slow storage and many chunks do not stop it.

// The most bytes of an attribute or of strings that are read, and how many strings at once.
#define PALIMPSEST_PROBE_BYTES ((hssize_t)1 << 28)
#define PALIMPSEST_PROBE_STRINGS ((hsize_t)4096)
// Datasets with so many chunks at most have their whole index read; of others some chunks are looked up.
#define PALIMPSEST_PROBE_CHUNKS ((hsize_t)4096)
// After so many seconds the child goes no further; what it saw until then is sound.
#define PALIMPSEST_PROBE_SECONDS 5
// The child is ended by SIGALRM after so many seconds, and by SIGPROF where one step takes so many of processor time: damaged
// heaps of 1.10.8 are read for ever.
#define PALIMPSEST_PROBE_ALARM 60
#define PALIMPSEST_PROBE_STEP 5
// The most memory that reading the structure may take: so much, and five times the file's size up to three times as much
// again (libhdf5 holds a string several times over). Lengths in the file (of strings, heaps, attributes, tables) are
// believed by libhdf5, which allocates before it reads: a few damaged bytes ask for many GiB. What the child can read
// within this, the process can read too; more than this is refused before the process itself allocates it.
#define PALIMPSEST_PROBE_MEMORY ((rlim_t)1 << 30)
// How the child ends, and what the probe returns, where that was not enough. Greater than every signal.
#define PALIMPSEST_PROBE_IS_TOO_LARGE 200
// How it ends where libhdf5 says itself that it cannot list what an object has.
#define PALIMPSEST_PROBE_IS_DAMAGED 201

// Objects that are still to be looked at, and the addresses of those that were seen.
struct palimpsest_h5_objects {
  haddr_t *waiting;
  char **names;
  size_t count, room;
  haddr_t *seen;
  size_t slots, used;
  char *current;
  size_t current_room;
  struct timespec start;
};

// Asked between two steps; the next one has all its time again.
static inline int palimpsest_h5_probe_is_over(const struct palimpsest_h5_objects *objects) {
  struct timespec now;
  struct itimerval step = {{0, 0}, {PALIMPSEST_PROBE_STEP, 0}};
  setitimer(ITIMER_PROF, &step, NULL);
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec - objects->start.tv_sec >= PALIMPSEST_PROBE_SECONDS;
}

// 1 where the address is new. `seen` is a table of addresses plus one; 0 is free.
static inline int palimpsest_h5_probe_see(struct palimpsest_h5_objects *objects, haddr_t address) {
  if (2 * objects->used >= objects->slots) {
    size_t slots = objects->slots ? 2 * objects->slots : 1024;
    haddr_t *table = (haddr_t *)calloc(slots, sizeof *table);
    if (!table) return 0;
    for (size_t i = 0; i < objects->slots; i++) {
      if (!objects->seen[i]) continue;
      size_t slot = (size_t)(objects->seen[i] * 0x9E3779B97F4A7C15u) & (slots - 1);
      while (table[slot]) slot = (slot + 1) & (slots - 1);
      table[slot] = objects->seen[i];
    }
    free(objects->seen);
    objects->seen = table;
    objects->slots = slots;
  }
  haddr_t key = address + 1;
  size_t slot = (size_t)(key * 0x9E3779B97F4A7C15u) & (objects->slots - 1);
  while (objects->seen[slot]) {
    if (objects->seen[slot] == key) return 0;
    slot = (slot + 1) & (objects->slots - 1);
  }
  objects->seen[slot] = key;
  objects->used++;
  return 1;
}

static inline void palimpsest_h5_probe_add(struct palimpsest_h5_objects *objects, haddr_t address, const char *name) {
  if (!palimpsest_h5_probe_see(objects, address)) return;
  if (objects->count == objects->room) {
    size_t room = objects->room ? 2 * objects->room : 256;
    haddr_t *waiting = (haddr_t *)realloc(objects->waiting, room * sizeof *waiting);
    if (waiting) objects->waiting = waiting;
    char **names = (char **)realloc(objects->names, room * sizeof *names);
    if (names) objects->names = names;
    if (!waiting || !names) return;
    objects->room = room;
  }
  // The end of a long path tells most.
  size_t above = strlen(objects->current), skip = above > 400 ? above - 400 : 0, length = strlen(name);
  char *path = (char *)malloc(above - skip + length + 2);
  if (path) {
    memcpy(path, objects->current + skip, above - skip);
    path[above - skip] = '/';
    memcpy(path + above - skip + 1, name, length + 1);
  }
  objects->waiting[objects->count] = address;
  objects->names[objects->count++] = path;
}

static inline herr_t palimpsest_h5_probe_link(hid_t group, const char *name, const H5L_info_t *link, void *data) {
  (void)group;
  struct palimpsest_h5_objects *objects = (struct palimpsest_h5_objects *)data;
  if (link->type == H5L_TYPE_HARD) palimpsest_h5_probe_add(objects, link->u.address, name);
  return palimpsest_h5_probe_is_over(objects);
}

// Every string is walked to its end, as a reader does; what has a variable length is let go.
static inline void palimpsest_h5_probe_walk(hid_t type, hid_t space, void *buffer, hsize_t count) {
  volatile char last = 0;
  if (H5Tis_variable_str(type) > 0)
    for (hsize_t i = 0; i < count; i++)
      for (const char *text = ((char **)buffer)[i]; text && *text; text++) last = *text;
  (void)last;
  H5Dvlen_reclaim(type, space, H5P_DEFAULT, buffer);
}

static inline herr_t palimpsest_h5_probe_entry(unsigned place, const H5E_error2_t *entry, void *data) {
  (void)place;
  if (entry->maj_num == H5E_RESOURCE && (entry->min_num == H5E_NOSPACE || entry->min_num == H5E_CANTALLOC))
    *(int *)data = 1;
  return 0;
}

// Called where a function of libhdf5 has failed. Errors in reading are the process's to report; where memory was lacking,
// the child ends.
static inline herr_t palimpsest_h5_probe_failed(hid_t stack, void *data) {
  (void)data;
  int is_too_large = 0;
  H5Ewalk2(stack, H5E_WALK_UPWARD, palimpsest_h5_probe_entry, &is_too_large);
  if (is_too_large) _exit(PALIMPSEST_PROBE_IS_TOO_LARGE);
  return 0;
}

// Limits what the child may take beyond what it has of its parent.
static inline void palimpsest_h5_probe_limit_memory(const char *path) {
  unsigned long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (!file) return;
  int count = fscanf(file, "%lu", &pages);
  fclose(file);
  struct rlimit limit;
  struct stat information;
  if (count != 1 || getrlimit(RLIMIT_AS, &limit) != 0 || stat(path, &information) != 0) return;
  rlim_t more = 3 * PALIMPSEST_PROBE_MEMORY, size = (rlim_t)information.st_size;
  if (size < more / 5) more = 5 * size;
  rlim_t most = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + PALIMPSEST_PROBE_MEMORY + more;
  if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > most) limit.rlim_cur = most;
  setrlimit(RLIMIT_AS, &limit);
}

static inline herr_t palimpsest_h5_probe_attribute(hid_t object, const char *name, const H5A_info_t *info, void *data) {
  (void)info;
  const struct palimpsest_h5_objects *objects = (const struct palimpsest_h5_objects *)data;
  hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
  if (attribute < 0) return palimpsest_h5_probe_is_over(objects);
  hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
  if (type >= 0 && space >= 0) {
    hssize_t count = H5Sget_simple_extent_npoints(space);
    size_t size = H5Tget_size(type);
    if (count > 0 && size > 0 && count <= PALIMPSEST_PROBE_BYTES / (hssize_t)size) {
      void *buffer = calloc((size_t)count, size);
      if (buffer && H5Aread(attribute, type, buffer) >= 0)
        palimpsest_h5_probe_walk(type, space, buffer, (hsize_t)count);
      free(buffer);
    }
  }
  if (type >= 0) H5Tclose(type);
  if (space >= 0) H5Sclose(space);
  H5Aclose(attribute);
  return palimpsest_h5_probe_is_over(objects);
}

// Strings of one dimension, some at a time.
static inline void palimpsest_h5_probe_strings(
    const struct palimpsest_h5_objects *objects, hid_t dataset, hid_t type, hid_t space) {
  hsize_t length = 0;
  size_t size = H5Tget_size(type);
  if (H5Sget_simple_extent_ndims(space) != 1 || H5Sget_simple_extent_dims(space, &length, NULL) < 0 || !size) return;
  if (length > (hsize_t)(PALIMPSEST_PROBE_BYTES / (hssize_t)size)) return;
  for (hsize_t start = 0; start < length && !palimpsest_h5_probe_is_over(objects); start += PALIMPSEST_PROBE_STRINGS) {
    hsize_t count = length - start < PALIMPSEST_PROBE_STRINGS ? length - start : PALIMPSEST_PROBE_STRINGS;
    void *buffer = calloc((size_t)count, size);
    hid_t memory = H5Screate_simple(1, &count, NULL);
    if (buffer && memory >= 0 && H5Sselect_hyperslab(space, H5S_SELECT_SET, &start, NULL, &count, NULL) >= 0 &&
        H5Dread(dataset, type, memory, space, H5P_DEFAULT, buffer) >= 0)
      palimpsest_h5_probe_walk(type, memory, buffer, count);
    if (memory >= 0) H5Sclose(memory);
    free(buffer);
  }
}

static inline void palimpsest_h5_probe_chunks(
    const struct palimpsest_h5_objects *objects, hid_t dataset, hid_t space, hid_t layout) {
  int rank = H5Sget_simple_extent_ndims(space);
  hsize_t lengths[H5S_MAX_RANK] = {0}, chunk[H5S_MAX_RANK] = {0}, start[H5S_MAX_RANK] = {0}, size = 0;
  if (rank <= 0 || H5Sget_simple_extent_dims(space, lengths, NULL) < 0 || H5Pget_chunk(layout, rank, chunk) != rank)
    return;
  hsize_t total = 1;
  for (int i = 0; i < rank; i++) {
    if (!chunk[i] || !lengths[i]) return;
    hsize_t along = lengths[i] / chunk[i] + (lengths[i] % chunk[i] != 0);
    total = along > PALIMPSEST_PROBE_CHUNKS / total ? PALIMPSEST_PROBE_CHUNKS + 1 : total * along;
  }
  if (total <= PALIMPSEST_PROBE_CHUNKS) {
    hsize_t chunks = 0;
    haddr_t address = 0;
    unsigned mask = 0;
    if (H5Dget_num_chunks(dataset, space, &chunks) >= 0 && chunks > 0)
      H5Dget_chunk_info(dataset, space, chunks - 1, start, &mask, &address, &size);
    return;
  }
  // The first, the last, and some between: each is one way down the index.
  for (int step = 0; step <= 8 && !palimpsest_h5_probe_is_over(objects); step++) {
    for (int i = 0; i < rank; i++) {
      hsize_t last = (lengths[i] - 1) / chunk[i];
      start[i] = (last / 8 * (hsize_t)step + last % 8 * (hsize_t)step / 8) * chunk[i];
    }
    H5Dget_chunk_storage_size(dataset, start, &size);
  }
}

static inline void palimpsest_h5_probe_dataset(const struct palimpsest_h5_objects *objects, hid_t dataset) {
  hid_t layout = H5Dget_create_plist(dataset);
  if (layout < 0) return;
  // Data in other files are looked at when they are used; even to ask for the shape of a virtual dataset opens its sources.
  H5D_layout_t kind = H5Pget_layout(layout);
  if (kind == H5D_VIRTUAL || H5Pget_external_count(layout) > 0) {
    H5Pclose(layout);
    return;
  }
  hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
  if (type >= 0 && space >= 0) {
    if (H5Tget_class(type) == H5T_STRING) palimpsest_h5_probe_strings(objects, dataset, type, space);
    if (kind == H5D_CHUNKED) palimpsest_h5_probe_chunks(objects, dataset, space, layout);
  }
  if (type >= 0) H5Tclose(type);
  if (space >= 0) H5Sclose(space);
  H5Pclose(layout);
}

// Takes the small blocks that this thread of the parent has let go of (glibc keeps seven of each size up to 1,032 bytes) and
// that M_PERTURB does not reach: what the child takes from here on has nothing of the parent's in it.
static inline void palimpsest_h5_probe_take_small_blocks(void) {
  for (size_t size = 24; size <= 1032; size += 16)
    for (int i = 0; i < 7; i++) {
      void *volatile block = malloc(size);
      (void)block;
    }
}

static inline void palimpsest_h5_probe_file(hid_t file, struct palimpsest_h5_objects *objects) {
  H5O_info_t root;
  if (H5Oget_info2(file, &root, H5O_INFO_BASIC) < 0) return;
  palimpsest_h5_probe_add(objects, root.addr, "");
  while (objects->count > 0 && !palimpsest_h5_probe_is_over(objects)) {
    haddr_t address = objects->waiting[--objects->count];
    char *name = objects->names[objects->count];
    // What is being looked at stands where the parent reads it, should the child end here.
    strncpy(objects->current, name && name[0] == '/' && name[1] ? name : "", objects->current_room - 1);
    free(name);
    hid_t object = H5Oopen_by_addr(file, address);
    if (object < 0) continue;
    // A list that cannot be read to its end is refused here: on its way back from such an error libhdf5 1.10 may let go of a
    // table that it did not fill, which ends the process or not as its memory happens to be.
    hsize_t position = 0;
    if (H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_NATIVE, &position, palimpsest_h5_probe_attribute, objects) < 0)
      _exit(PALIMPSEST_PROBE_IS_DAMAGED);
    position = 0;
    if (H5Iget_type(object) == H5I_GROUP &&
        H5Literate(object, H5_INDEX_NAME, H5_ITER_NATIVE, &position, palimpsest_h5_probe_link, objects) < 0)
      _exit(PALIMPSEST_PROBE_IS_DAMAGED);
    if (H5Iget_type(object) == H5I_DATASET) palimpsest_h5_probe_dataset(objects, object);
    H5Oclose(object);
  }
}

// Whether the child can read the file that it opened. Where the parent has the file open already, libhdf5 gives the child the
// parent's, whose descriptor the child has closed.
static inline int palimpsest_h5_probe_can_read(hid_t file, const char *path) {
  int *descriptor = NULL;
  struct stat opened, named;
  return H5Fget_vfd_handle(file, H5P_DEFAULT, (void **)&descriptor) >= 0 && descriptor && fstat(*descriptor, &opened) == 0 &&
         stat(path, &named) == 0 && opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

// Looks through the structure, attributes and strings of a file in a child process. 0: it went well, or libhdf5 reported
// an error as it should. Above 0: the signal that ended the child; SIGALRM, SIGPROF and SIGKILL mean that it took too
// long; PALIMPSEST_PROBE_IS_TOO_LARGE, too much memory; PALIMPSEST_PROBE_IS_DAMAGED, a list that cannot be read. -1: no
// child could be made. `object` (of `room` bytes) then names what the child was looking at. Call it while no other thread is inside libhdf5.
static inline int palimpsest_h5_probe(const char *path, hid_t access, char *object, size_t room) {
  object[0] = 0;
  char *shared = (char *)mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return -1;
  pid_t child = fork();
  if (child < 0) {
    munmap(shared, room);
    return -1;
  }
  if (child == 0) {
    const int fatal[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGTRAP, SIGPROF, SIGALRM};
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (size_t i = 0; i < sizeof fatal / sizeof fatal[0]; i++) signal(fatal[i], SIG_DFL);
    signal(SIGINT, SIG_IGN);
    struct rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    alarm(PALIMPSEST_PROBE_ALARM);
    // Locks of this process belong to its open files: here they would outlive their closing there.
    syscall(SYS_close_range, 3u, ~0u, 0u);
    int quiet = open("/dev/null", O_WRONLY);
    if (quiet >= 0) dup2(quiet, 2);
    palimpsest_h5_probe_limit_memory(path);
    H5Eset_auto2(H5E_DEFAULT, palimpsest_h5_probe_failed, NULL);
    // Where a damaged file stops libhdf5 it may let go of what it never filled, which is a crash or not as the memory happens
    // to be. Here memory is neither zero nor kept for another use, so that what can crash in the process does so in the child.
    H5set_free_list_limits(0, 0, 0, 0, 0, 0);
    H5garbage_collect();
#if defined(M_PERTURB)
    mallopt(M_PERTURB, 0xA5);
    palimpsest_h5_probe_take_small_blocks();
#endif
    struct palimpsest_h5_objects objects;
    memset(&objects, 0, sizeof objects);
    objects.current = shared;
    objects.current_room = room;
    clock_gettime(CLOCK_MONOTONIC, &objects.start);
    palimpsest_h5_probe_is_over(&objects);
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, access);
    // A file that the parent has open was examined when it was opened, or is its own.
    if (file >= 0 && palimpsest_h5_probe_can_read(file, path)) {
      palimpsest_h5_probe_file(file, &objects);
      H5Fclose(file);
    }
    _exit(0);
  }
  int status = 0, result = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) {
      result = -1;
      break;
    }
  if (result == 0 && WIFSIGNALED(status)) result = WTERMSIG(status);
  if (result == 0 && WIFEXITED(status)) result = WEXITSTATUS(status);
  strncpy(object, shared, room - 1);
  object[room - 1] = 0;
  munmap(shared, room);
  return result;
}

#endif
