// Every function of the C face, found in libpalimpsest-torch at its first call: libtorch takes a third of a second to
// load, which commands that only read and draw need not wait for.
#include "CTorch.h"
#include "Library.h"

static void *find(const char *name) {
  const char *problem = pt_load();
  void *function = problem ? NULL : pt_library_symbol(name, &problem);
  if (!function) pt_library_missing(problem);
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
