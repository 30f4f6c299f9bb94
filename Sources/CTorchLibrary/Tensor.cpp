// Tensors, gradients, generators, devices and threads.
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <ATen/detail/MPSHooksInterface.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#if __has_include(<torch/headeronly/version.h>)
#include <torch/headeronly/version.h>
#else
#include <torch/csrc/api/include/torch/version.h>
#endif

#include <cstdlib>
#include <cstring>
#include <mutex>

#include "Internal.h"

using palimpsest::guarded;
using palimpsest::make_handle;
using palimpsest::to_device;

namespace palimpsest {

std::atomic<int64_t> live_tensors{0};

std::string &last_error() {
  thread_local std::string text;
  return text;
}

}  // namespace palimpsest

extern "C" {

const char *pt_last_error(void) { return palimpsest::last_error().c_str(); }

const char *pt_version(void) { return TORCH_VERSION; }

// MARK: Devices

int32_t pt_device_count(pt_device_type type) {
  int32_t count = 0;
  guarded([&] {
    switch (type) {
      case PT_CPU: count = 1; break;
      case PT_CUDA:
        if (at::globalContext().hasCUDA()) count = static_cast<int32_t>(at::detail::getCUDAHooks().deviceCount());
        break;
      case PT_MPS: count = at::globalContext().hasMPS() ? 1 : 0; break;
      default: break;
    }
  });
  return count;
}

pt_status pt_device_prepare(pt_device_type type) {
  return guarded([&] {
    if (type != PT_CUDA) return;
    // cuBLAS repeats its sums only with a workspace of its own; read when its handle is made.
    setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", 0);
    auto &context = at::globalContext();
    context.setAllowTF32CuBLAS(false);
    context.setAllowTF32CuDNN(false);
    context.setBenchmarkCuDNN(false);
    context.setDeterministicCuDNN(true);
    context.setDeterministicAlgorithms(true, /*warn_only=*/true);
    context.setDeterministicFillUninitializedMemory(false);
    // The gradient of this attention adds up in any order, unless operators without a fixed order are refused altogether.
    context.setSDPUseMemEfficient(false);
  });
}

pt_status pt_device_synchronize(pt_device device) {
  return guarded([&] {
    if (device.type == PT_CUDA) at::detail::getCUDAHooks().deviceSynchronize(static_cast<c10::DeviceIndex>(device.index));
    if (device.type == PT_MPS) at::detail::getMPSHooks().deviceSynchronize();
  });
}

// MARK: Tensors

pt_status pt_tensor_copy_in(const void *data, const int64_t *shape, size_t rank, pt_dtype dtype, pt_tensor **out) {
  return guarded([&] {
    auto tensor = at::empty(c10::IntArrayRef(shape, rank), at::TensorOptions(static_cast<at::ScalarType>(dtype)));
    if (tensor.nbytes() > 0) std::memcpy(tensor.mutable_data_ptr(), data, tensor.nbytes());
    *out = make_handle(std::move(tensor));
  });
}

pt_status pt_tensor_wrap(void *data, const int64_t *shape, size_t rank, pt_dtype dtype, void (*release)(void *),
                         void *context, pt_tensor **out) {
  return guarded([&] {
    auto tensor = at::from_blob(
        data, c10::IntArrayRef(shape, rank), [release, context](void *) { release(context); },
        at::TensorOptions(static_cast<at::ScalarType>(dtype)));
    *out = make_handle(std::move(tensor));
  });
}

pt_tensor *pt_tensor_retain(const pt_tensor *tensor) { return make_handle(tensor->value); }

void pt_tensor_release(pt_tensor *tensor) {
  if (tensor == nullptr) return;
  palimpsest::live_tensors.fetch_sub(1, std::memory_order_relaxed);
  delete tensor;
}

int64_t pt_live_tensors(void) { return palimpsest::live_tensors.load(std::memory_order_relaxed); }

size_t pt_tensor_rank(const pt_tensor *tensor) { return static_cast<size_t>(tensor->value.dim()); }

void pt_tensor_shape(const pt_tensor *tensor, int64_t *shape) {
  auto sizes = tensor->value.sizes();
  std::copy(sizes.begin(), sizes.end(), shape);
}

void pt_tensor_strides(const pt_tensor *tensor, int64_t *strides) {
  auto steps = tensor->value.strides();
  std::copy(steps.begin(), steps.end(), strides);
}

int64_t pt_tensor_count(const pt_tensor *tensor) { return tensor->value.numel(); }

int32_t pt_tensor_dtype(const pt_tensor *tensor) { return static_cast<int32_t>(tensor->value.scalar_type()); }

pt_device pt_tensor_device(const pt_tensor *tensor) {
  auto device = tensor->value.device();
  pt_device_type type = PT_OTHER_DEVICE;
  if (device.is_cpu()) type = PT_CPU;
  if (device.is_cuda()) type = PT_CUDA;
  if (device.is_mps()) type = PT_MPS;
  return pt_device{type, device.index()};
}

bool pt_tensor_is_contiguous(const pt_tensor *tensor) {
  return tensor->value.layout() == at::kStrided && tensor->value.is_contiguous();
}

bool pt_tensor_is_channels_last(const pt_tensor *tensor) {
  return tensor->value.layout() == at::kStrided && tensor->value.dim() == 4 &&
         tensor->value.is_contiguous(at::MemoryFormat::ChannelsLast);
}

void *pt_tensor_data(const pt_tensor *tensor) {
  if (!tensor->value.device().is_cpu() || tensor->value.layout() != at::kStrided) return nullptr;
  void *data = nullptr;
  guarded([&] { data = const_cast<void *>(tensor->value.const_data_ptr()); });
  return data;
}

// MARK: Gradients

bool pt_tensor_requires_gradient(const pt_tensor *tensor) { return tensor->value.requires_grad(); }

pt_status pt_tensor_set_requires_gradient(pt_tensor *tensor, bool value) {
  return guarded([&] { tensor->value.set_requires_grad(value); });
}

pt_status pt_tensor_gradient(const pt_tensor *tensor, pt_tensor **out) {
  return guarded([&] {
    const auto &gradient = tensor->value.grad();
    *out = gradient.defined() ? make_handle(gradient) : nullptr;
  });
}

pt_status pt_tensor_clear_gradient(pt_tensor *tensor) {
  return guarded([&] { tensor->value.mutable_grad() = at::Tensor(); });
}

pt_status pt_tensor_backward(const pt_tensor *tensor, const pt_tensor *gradient, bool retain_graph) {
  return guarded([&] {
    tensor->value.backward(gradient == nullptr ? at::Tensor() : gradient->value, retain_graph, false);
  });
}

bool pt_gradients_enabled(void) { return at::GradMode::is_enabled(); }

void pt_set_gradients_enabled(bool enabled) { at::GradMode::set_enabled(enabled); }

// MARK: Random numbers

pt_status pt_generator_create(pt_device device, uint64_t seed, pt_generator **out) {
  return guarded([&] {
    auto generator = device.type == PT_CPU
                         ? at::detail::createCPUGenerator(seed)
                         : at::globalContext()
                               .getAcceleratorHooksInterface(to_device(device).type())
                               .getNewGenerator(static_cast<c10::DeviceIndex>(device.index < 0 ? 0 : device.index));
    generator.set_current_seed(seed);
    *out = new pt_generator{std::move(generator)};
  });
}

void pt_generator_release(pt_generator *generator) { delete generator; }

pt_status pt_generator_state(pt_generator *generator, pt_tensor **out) {
  return guarded([&] {
    std::lock_guard<std::mutex> lock(generator->value.mutex());
    *out = make_handle(generator->value.get_state());
  });
}

pt_status pt_generator_set_state(pt_generator *generator, const pt_tensor *state) {
  return guarded([&] {
    std::lock_guard<std::mutex> lock(generator->value.mutex());
    generator->value.set_state(state->value);
  });
}

// MARK: Threads

void pt_set_threads(int32_t count) {
  guarded([&] { at::set_num_threads(count); });
}

int32_t pt_threads(void) { return at::get_num_threads(); }

}  // extern "C"
