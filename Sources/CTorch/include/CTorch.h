// A pure C face over libtorch.
//
// Rules that hold for every function here:
// - No exception leaves the library. A function that can fail returns a `pt_status`; on anything but `PT_OK` the
//   reason is in `pt_last_error()`, a string of the calling thread that the next call on it overwrites.
// - `pt_tensor *` and `pt_generator *` are handles. "owned" means that the caller releases the handle exactly once;
//   "borrowed" means that it must not. Live handles are counted (`pt_live_tensors`).
// - `pt_operator *` lives as long as the process and is never released.
#ifndef PALIMPSEST_CTORCH_H
#define PALIMPSEST_CTORCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pt_tensor pt_tensor;
typedef struct pt_operator pt_operator;
typedef struct pt_generator pt_generator;

typedef enum pt_status { PT_OK = 0, PT_ERROR = 1, PT_OUT_OF_MEMORY = 2 } pt_status;

/// Why the last call of this thread failed; empty after a call that did not. Borrowed.
const char *pt_last_error(void);

/// The version of libtorch the library was compiled against, for example "2.13.0". Borrowed, static.
const char *pt_version(void);

// MARK: The library behind this face
//
// These load nothing but for pt_load itself. Every other function loads what is missing, and ends the process with pt_load's
// sentence where that cannot be.

/// Loads libpalimpsest-torch and libtorch where they are not loaded yet. NULL, or in one sentence why that cannot be and what
/// mends it. Borrowed, static.
const char *pt_load(void);
/// The folder, with lib/ in it, whose libtorch is taken: LIBTORCH, else the one beside the library, else the user's. Empty where
/// it is left to the system. Borrowed, static.
const char *pt_torch_folder(void);
/// The user's: $XDG_DATA_HOME/palimpsest/libtorch, by default below ~/.local/share; empty where there is no home. Borrowed, static.
const char *pt_user_torch_folder(void);
/// Whether libpalimpsest-torch lies beside the program, as in a build folder, not where `make install` puts it.
bool pt_is_build_folder(void);
/// The version of libtorch whose headers this program was compiled with, for example "2.13.0". Borrowed, static.
const char *pt_required_version(void);
/// The version of the libtorch in `folder`, read from a file beside it, for example "2.13.0+cpu"; empty where none says it. The text
/// has room for `capacity` bytes with its end.
void pt_torch_version_in(const char *folder, char *text, size_t capacity);

// MARK: Devices

typedef enum pt_device_type { PT_CPU = 0, PT_CUDA = 1, PT_MPS = 2, PT_OTHER_DEVICE = 3 } pt_device_type;

typedef struct pt_device {
  pt_device_type type;
  int32_t index;  // -1: the current device of that type
} pt_device;

/// How many devices of `type` there are that libtorch can use; 0 for none.
int32_t pt_device_count(pt_device_type type);
/// Full float32 (no TF32) and repeatable sums on devices of `type`. Before the first operation there; nothing to do on the
/// CPU and with MPS.
pt_status pt_device_prepare(pt_device_type type);
/// Waits for all work submitted to the device.
pt_status pt_device_synchronize(pt_device device);

// MARK: Element types (the numbering is libtorch's `ScalarType`)

typedef enum pt_dtype {
  PT_UINT8 = 0, PT_INT8 = 1, PT_INT16 = 2, PT_INT32 = 3, PT_INT64 = 4,
  PT_FLOAT16 = 5, PT_FLOAT32 = 6, PT_FLOAT64 = 7, PT_BOOL = 11, PT_BFLOAT16 = 15
} pt_dtype;

// MARK: Tensors

/// A new contiguous tensor in CPU memory with a copy of `data`. `*out` is owned.
pt_status pt_tensor_copy_in(const void *data, const int64_t *shape, size_t rank, pt_dtype dtype, pt_tensor **out);
/// A tensor over memory of the caller, who keeps it alive until `release(context)` is called, once. `*out` is owned.
/// `release` may be called on any thread. It is not called when the function fails.
pt_status pt_tensor_wrap(void *data, const int64_t *shape, size_t rank, pt_dtype dtype, void (*release)(void *),
                         void *context, pt_tensor **out);
/// A second handle on the same tensor. Owned.
pt_tensor *pt_tensor_retain(const pt_tensor *tensor);
/// Gives an owned handle back. NULL is allowed.
void pt_tensor_release(pt_tensor *tensor);
/// How many tensor handles are live in the process.
int64_t pt_live_tensors(void);

size_t pt_tensor_rank(const pt_tensor *tensor);
/// Writes `rank` extents to `shape`.
void pt_tensor_shape(const pt_tensor *tensor, int64_t *shape);
/// Writes `rank` strides, in elements, to `strides`.
void pt_tensor_strides(const pt_tensor *tensor, int64_t *strides);
int64_t pt_tensor_count(const pt_tensor *tensor);
int32_t pt_tensor_dtype(const pt_tensor *tensor);
pt_device pt_tensor_device(const pt_tensor *tensor);
bool pt_tensor_is_contiguous(const pt_tensor *tensor);
/// Whether the tensor, of rank 4, lies in memory as [batch, height, width, channel].
bool pt_tensor_is_channels_last(const pt_tensor *tensor);
/// The first element. Borrowed; NULL for a device other than the CPU and for opaque (prepacked) layouts.
void *pt_tensor_data(const pt_tensor *tensor);

// MARK: Gradients

bool pt_tensor_requires_gradient(const pt_tensor *tensor);
pt_status pt_tensor_set_requires_gradient(pt_tensor *tensor, bool value);
/// The accumulated gradient, owned, or NULL where there is none.
pt_status pt_tensor_gradient(const pt_tensor *tensor, pt_tensor **out);
/// Forgets the accumulated gradient.
pt_status pt_tensor_clear_gradient(pt_tensor *tensor);
/// Back-propagates from `tensor`; `gradient` may be NULL for a scalar.
pt_status pt_tensor_backward(const pt_tensor *tensor, const pt_tensor *gradient, bool retain_graph);
/// Whether operations on this thread record gradients.
bool pt_gradients_enabled(void);
void pt_set_gradients_enabled(bool enabled);

// MARK: Operators, by the names of libtorch's dispatcher

typedef enum pt_kind {
  PT_NONE, PT_TENSOR, PT_INTEGER, PT_REAL, PT_BOOLEAN, PT_STRING, PT_INTEGER_LIST, PT_REAL_LIST, PT_TENSOR_LIST,
  PT_OPTIONAL_TENSOR_LIST, PT_BOOLEAN_LIST, PT_DEVICE, PT_GENERATOR
} pt_kind;

/// One argument. Only the members that `kind` names are read:
/// `integer` for PT_INTEGER and PT_BOOLEAN, `real` for PT_REAL, `device` for PT_DEVICE, `pointer` for PT_TENSOR,
/// PT_GENERATOR and PT_STRING (zero-terminated), `pointer` and `count` for lists (of int64_t, double, uint8_t for
/// booleans, or of `const pt_tensor *`, NULL among them where optional). Everything is borrowed for the call.
typedef struct pt_value {
  pt_kind kind;
  int64_t integer;
  double real;
  pt_device device;
  const void *pointer;
  size_t count;
} pt_value;

/// Finds an operator such as ("aten::add", "Tensor"). `*out` lives for ever.
pt_status pt_operator_find(const char *name, const char *overload, const pt_operator **out);
/// Calls it with `arguments`, in the order of its schema; those left off take the schema's defaults. Tensors it
/// returns, also those in tuples and lists, come in order as owned handles in `results`, which has room for
/// `capacity`; numbers and booleans come as tensors of rank 0; `*count` says how many.
pt_status pt_operator_call(const pt_operator *op, const pt_value *arguments, size_t argument_count,
                           pt_tensor **results, size_t capacity, size_t *count);

/// The transposed convolution of `input` [B, in, h, w] with `weight` [in, out, kernel height, kernel width] and `bias` [out],
/// in one group and without dilation; on the CPU its gradients take a fraction of the time that those of the dispatcher's
/// operator take. `*out` is owned.
pt_status pt_transposed_convolution(const pt_tensor *input, const pt_tensor *weight, const pt_tensor *bias,
                                    const int64_t stride[2], const int64_t padding[2], const int64_t output_padding[2],
                                    pt_tensor **out);

// MARK: Random numbers

/// A generator of its own for `device`, seeded. `*out` is owned.
pt_status pt_generator_create(pt_device device, uint64_t seed, pt_generator **out);
void pt_generator_release(pt_generator *generator);
pt_status pt_generator_state(pt_generator *generator, pt_tensor **out);
pt_status pt_generator_set_state(pt_generator *generator, const pt_tensor *state);

// MARK: Threads and memory

void pt_set_threads(int32_t count);
int32_t pt_threads(void);

/// Keeps freed CPU tensors' memory for the next tensor, up to `limit` bytes, in huge pages where the system has
/// them. Memory fresh from the system costs more than the arithmetic done on it. Call it before the first tensor.
void pt_memory_cache(size_t limit);

typedef struct pt_memory {
  uint64_t live;    // bytes in tensors
  uint64_t peak;    // the most that `live` ever was
  uint64_t cached;  // bytes kept for reuse
} pt_memory;

/// Zero everywhere unless `pt_memory_cache` was called.
pt_memory pt_memory_statistics(void);
/// Gives cached memory back to the system.
void pt_memory_trim(void);

// MARK: What computation costs

/// Begins to count the arithmetic of matrix products, convolutions and attention that this thread asks for, backward passes
/// included, a multiplication with its addition as two. Waits for another thread's count to end; an error where this
/// thread counts already.
pt_status pt_operations_begin(void);
/// Ends this thread's count and returns it.
uint64_t pt_operations_end(void);
/// The most bytes that tensors had on a device other than the CPU; 0 where libtorch does not tell.
pt_status pt_device_peak_memory(pt_device device, uint64_t *bytes);

#ifdef __cplusplus
}
#endif
#endif
