#ifndef PALIMPSEST_CHDF5_SHIM_H
#define PALIMPSEST_CHDF5_SHIM_H
#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
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

// MARK: Trying a file out
//
// libhdf5 1.10 can crash on damaged files: parts of the format (the heap of variable-length strings, all of the older
// format) carry no checksums and are trusted. A file that is not known to be sound is therefore read once in a forked
// child, which runs nothing but C, before the process itself opens it.

// The most bytes of an attribute or of strings that are read while a file is tried out.
#define PALIMPSEST_PROBE_BYTES ((hssize_t)1 << 28)

static inline void palimpsest_h5_probe_strings(hid_t type, hid_t space, hid_t owner, int is_attribute) {
  hssize_t count = H5Sget_simple_extent_npoints(space);
  size_t size = H5Tget_size(type);
  if (count <= 0 || size == 0 || count > PALIMPSEST_PROBE_BYTES / (hssize_t)size) return;
  void *buffer = calloc((size_t)count, size);
  if (!buffer) return;
  herr_t status = is_attribute ? H5Aread(owner, type, buffer)
                               : H5Dread(owner, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, buffer);
  if (status >= 0 && H5Tis_variable_str(type) > 0) {
    // Every string is walked to its end, as a reader does.
    volatile char last = 0;
    for (hssize_t i = 0; i < count; i++)
      for (const char *text = ((char **)buffer)[i]; text && *text; text++) last = *text;
    (void)last;
    H5Dvlen_reclaim(type, space, H5P_DEFAULT, buffer);
  }
  free(buffer);
}

static inline herr_t palimpsest_h5_probe_object(hid_t root, const char *name, const H5O_info_t *info, void *data) {
  (void)data;
  hid_t object = H5Oopen(root, name, H5P_DEFAULT);
  if (object < 0) return 0;
  H5O_info_t details;
  if (H5Oget_info2(object, &details, H5O_INFO_NUM_ATTRS) < 0) details.num_attrs = 0;
  for (hsize_t i = 0; i < details.num_attrs && i < 65536; i++) {
    hid_t attribute = H5Aopen_by_idx(object, ".", H5_INDEX_NAME, H5_ITER_INC, i, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute < 0) continue;
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    if (type >= 0 && space >= 0) palimpsest_h5_probe_strings(type, space, attribute, 1);
    if (type >= 0) H5Tclose(type);
    if (space >= 0) H5Sclose(space);
    H5Aclose(attribute);
  }
  if (info->type == H5O_TYPE_DATASET) {
    hid_t type = H5Dget_type(object), space = H5Dget_space(object), layout = H5Dget_create_plist(object);
    if (type >= 0 && space >= 0 && layout >= 0) {
      if (H5Tget_class(type) == H5T_STRING) palimpsest_h5_probe_strings(type, space, object, 0);
      hsize_t chunks = 0, start[H5S_MAX_RANK] = {0}, size = 0;
      haddr_t address = 0;
      unsigned mask = 0;
      if (H5Pget_layout(layout) == H5D_CHUNKED && H5Dget_num_chunks(object, space, &chunks) >= 0 && chunks > 0) {
        H5Dget_chunk_info_by_coord(object, start, &mask, &address, &size);
        H5Dget_chunk_info(object, space, chunks - 1, start, &mask, &address, &size);
      }
    }
    if (layout >= 0) H5Pclose(layout);
    if (space >= 0) H5Sclose(space);
    if (type >= 0) H5Tclose(type);
  }
  H5Oclose(object);
  return 0;
}

// Reads the structure, attributes and strings of a file in a child process. 0: it went well, or libhdf5 reported an
// error as it should. Above 0: the signal that ended the child. -1: no child could be made.
// Call it while no other thread is inside libhdf5.
static inline int palimpsest_h5_probe(const char *path, hid_t access) {
  pid_t child = fork();
  if (child < 0) return -1;
  if (child == 0) {
    const int fatal[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGTRAP, SIGXCPU, SIGALRM};
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (size_t i = 0; i < sizeof fatal / sizeof fatal[0]; i++) signal(fatal[i], SIG_DFL);
    signal(SIGINT, SIG_IGN);
    struct rlimit no_core = {0, 0}, seconds = {10, 10};
    setrlimit(RLIMIT_CORE, &no_core);
    setrlimit(RLIMIT_CPU, &seconds);
    alarm(60);
    // Locks of this process belong to its open files: here they would outlive their closing there.
    syscall(SYS_close_range, 3u, ~0u, 0u);
    int quiet = open("/dev/null", O_WRONLY);
    if (quiet >= 0) dup2(quiet, 2);
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, access);
    if (file >= 0) {
      H5Ovisit2(file, H5_INDEX_NAME, H5_ITER_NATIVE, palimpsest_h5_probe_object, NULL, H5O_INFO_BASIC);
      H5Fclose(file);
    }
    _exit(0);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return -1;
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

#endif
