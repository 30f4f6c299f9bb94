// Every function of the C face, found in libpalimpsest-torch at its first call: libtorch takes a third of a second to
// load, which commands that only read and draw need not wait for.
#define _GNU_SOURCE
#include "CTorch.h"

#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __APPLE__
#include <mach-o/dyld.h>
#define LIBRARY "libpalimpsest-torch.dylib"
#else
#define LIBRARY "libpalimpsest-torch.so"
#endif

static pthread_once_t once = PTHREAD_ONCE_INIT;
static void *library = NULL;

static void fail(const char *reason) {
  fprintf(stderr,
          "palimpsest: libtorch cannot be loaded: %s; " LIBRARY " has to be beside the program, and libtorch where it was when "
          "that was built: run 'make build' again (it sets up .libtorch; LIBTORCH names another)\n",
          reason);
  fflush(stderr);
  _exit(1);
}

/// The folder of the running program with a slash behind it; empty where it is not known.
static void find_program_folder(char *folder, size_t capacity) {
#ifdef __APPLE__
  uint32_t size = (uint32_t)capacity;
  if (_NSGetExecutablePath(folder, &size) != 0) folder[0] = 0;
#else
  ssize_t length = readlink("/proc/self/exe", folder, capacity - 1);
  folder[length < 0 ? 0 : length] = 0;
#endif
  char *slash = strrchr(folder, '/');
  folder[slash ? slash + 1 - folder : 0] = 0;
}

static void load(void) {
  // Threads of OpenMP that wait for each other spin for milliseconds, which on a machine with other work takes the very
  // core that the thread waited for needs; asleep at once, they cost a quiet machine a tenth or more. So they spin for
  // about 0.1 ms (the count is GNU's, the policy is for other runtimes). Read when the runtime is loaded; a user's own
  // choice stays.
  if (!getenv("OMP_WAIT_POLICY") && !getenv("GOMP_SPINCOUNT")) {
    setenv("OMP_WAIT_POLICY", "PASSIVE", 0);
    setenv("GOMP_SPINCOUNT", "4000", 0);
  }
  char path[PATH_MAX + sizeof LIBRARY];
  find_program_folder(path, PATH_MAX);
  strcat(path, LIBRARY);
  library = dlopen(access(path, F_OK) == 0 ? path : LIBRARY, RTLD_NOW | RTLD_LOCAL);
  if (!library) fail(dlerror());
}

static void *find(const char *name) {
  pthread_once(&once, load);
  void *function = dlsym(library, name);
  if (!function) fail(dlerror());
  return function;
}

// `result name parameters` of the library.
#define FORWARD(result, name, parameters, arguments)                          \
  result name parameters {                                                    \
    static __typeof__(&name) function = NULL;                                 \
    __typeof__(&name) found = __atomic_load_n(&function, __ATOMIC_RELAXED);   \
    if (!found) {                                                             \
      found = (__typeof__(&name))find(#name);                                 \
      __atomic_store_n(&function, found, __ATOMIC_RELAXED);                   \
    }                                                                         \
    return found arguments;                                                   \
  }

FORWARD(const char *, pt_last_error, (void), ())
FORWARD(const char *, pt_version, (void), ())

FORWARD(int32_t, pt_device_count, (pt_device_type type), (type))
FORWARD(pt_status, pt_device_prepare, (pt_device_type type), (type))
FORWARD(pt_status, pt_device_synchronize, (pt_device device), (device))
FORWARD(pt_status, pt_device_peak_memory, (pt_device device, uint64_t *bytes), (device, bytes))

FORWARD(pt_status, pt_tensor_copy_in,
        (const void *data, const int64_t *shape, size_t rank, pt_dtype dtype, pt_tensor **out),
        (data, shape, rank, dtype, out))
FORWARD(pt_status, pt_tensor_wrap,
        (void *data, const int64_t *shape, size_t rank, pt_dtype dtype, void (*release)(void *), void *context,
         pt_tensor **out),
        (data, shape, rank, dtype, release, context, out))
FORWARD(pt_tensor *, pt_tensor_retain, (const pt_tensor *tensor), (tensor))
FORWARD(void, pt_tensor_release, (pt_tensor *tensor), (tensor))
FORWARD(int64_t, pt_live_tensors, (void), ())
FORWARD(size_t, pt_tensor_rank, (const pt_tensor *tensor), (tensor))
FORWARD(void, pt_tensor_shape, (const pt_tensor *tensor, int64_t *shape), (tensor, shape))
FORWARD(void, pt_tensor_strides, (const pt_tensor *tensor, int64_t *strides), (tensor, strides))
FORWARD(int64_t, pt_tensor_count, (const pt_tensor *tensor), (tensor))
FORWARD(int32_t, pt_tensor_dtype, (const pt_tensor *tensor), (tensor))
FORWARD(pt_device, pt_tensor_device, (const pt_tensor *tensor), (tensor))
FORWARD(bool, pt_tensor_is_contiguous, (const pt_tensor *tensor), (tensor))
FORWARD(bool, pt_tensor_is_channels_last, (const pt_tensor *tensor), (tensor))
FORWARD(void *, pt_tensor_data, (const pt_tensor *tensor), (tensor))

FORWARD(bool, pt_tensor_requires_gradient, (const pt_tensor *tensor), (tensor))
FORWARD(pt_status, pt_tensor_set_requires_gradient, (pt_tensor *tensor, bool value), (tensor, value))
FORWARD(pt_status, pt_tensor_gradient, (const pt_tensor *tensor, pt_tensor **out), (tensor, out))
FORWARD(pt_status, pt_tensor_clear_gradient, (pt_tensor *tensor), (tensor))
FORWARD(pt_status, pt_tensor_backward, (const pt_tensor *tensor, const pt_tensor *gradient, bool retain_graph),
        (tensor, gradient, retain_graph))
FORWARD(bool, pt_gradients_enabled, (void), ())
FORWARD(void, pt_set_gradients_enabled, (bool enabled), (enabled))

FORWARD(pt_status, pt_operator_find, (const char *name, const char *overload, const pt_operator **out),
        (name, overload, out))
FORWARD(pt_status, pt_operator_call,
        (const pt_operator *op, const pt_value *arguments, size_t argument_count, pt_tensor **results, size_t capacity,
         size_t *count),
        (op, arguments, argument_count, results, capacity, count))
FORWARD(pt_status, pt_transposed_convolution,
        (const pt_tensor *input, const pt_tensor *weight, const pt_tensor *bias, const int64_t stride[2],
         const int64_t padding[2], const int64_t output_padding[2], pt_tensor **out),
        (input, weight, bias, stride, padding, output_padding, out))

FORWARD(pt_status, pt_generator_create, (pt_device device, uint64_t seed, pt_generator **out), (device, seed, out))
FORWARD(void, pt_generator_release, (pt_generator *generator), (generator))
FORWARD(pt_status, pt_generator_state, (pt_generator *generator, pt_tensor **out), (generator, out))
FORWARD(pt_status, pt_generator_set_state, (pt_generator *generator, const pt_tensor *state), (generator, state))

FORWARD(void, pt_set_threads, (int32_t count), (count))
FORWARD(int32_t, pt_threads, (void), ())
FORWARD(void, pt_memory_cache, (size_t limit), (limit))
FORWARD(pt_memory, pt_memory_statistics, (void), ())
FORWARD(void, pt_memory_trim, (void), ())
FORWARD(pt_status, pt_operations_begin, (void), ())
FORWARD(uint64_t, pt_operations_end, (void), ())
