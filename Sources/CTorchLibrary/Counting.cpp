// What computation costs: arithmetic operations, counted as the dispatcher runs operators (those of the backward pass
// too), and the most memory that was in use on a device.
#include <ATen/record_function.h>
#include <c10/core/DeviceType.h>
#if __has_include(<c10/core/CachingDeviceAllocator.h>)
#include <c10/core/CachingDeviceAllocator.h>
#define PALIMPSEST_DEVICE_STATISTICS 1
#endif

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "Internal.h"

using palimpsest::guarded;
using palimpsest::to_device;

namespace {

/// One thread counts at a time, from begin to end. Its backward passes count too, on whatever thread they run: libtorch
/// hands a thread's callbacks on to them.
std::mutex counting;
std::atomic<uint64_t> operations{0};
thread_local at::CallbackHandle counting_handle = at::INVALID_CALLBACK_HANDLE;

using Inputs = c10::ArrayRef<const c10::IValue>;

uint64_t product(at::IntArrayRef extents) {
  uint64_t result = 1;
  for (int64_t extent : extents) result *= static_cast<uint64_t>(extent);
  return result;
}

bool are_tensors(Inputs inputs, std::initializer_list<size_t> places) {
  for (size_t place : places) {
    if (place >= inputs.size() || !inputs[place].isTensor()) return false;
  }
  return true;
}

/// Of [.., n, k] by [.., k, m]: every extent of the first, and the last of the second.
uint64_t matrix_product(Inputs inputs, size_t left, size_t right) {
  if (!are_tensors(inputs, {left, right})) return 0;
  return 2 * product(inputs[left].toTensor().sizes()) * inputs[right].toTensor().sizes().back();
}

/// Of rows by a weight [out, in].
uint64_t linear(Inputs inputs, size_t rows, size_t weight) {
  if (!are_tensors(inputs, {rows, weight})) return 0;
  return 2 * product(inputs[rows].toTensor().sizes()) * inputs[weight].toTensor().size(0);
}

/// A convolution's weight meets every place of the map, the given one (batch and extents) or the output's.
uint64_t convolution(at::IntArrayRef places, at::IntArrayRef weight) {
  return 2 * static_cast<uint64_t>(places[0]) * product(places.slice(2)) * product(weight);
}

/// The shape of a convolution's output, its channels aside.
std::vector<int64_t> output_places(at::IntArrayRef map, at::IntArrayRef weight, const std::vector<int64_t> &stride,
                                   const std::vector<int64_t> &padding, const std::vector<int64_t> &dilation) {
  auto places = map.vec();
  for (size_t axis = 2; axis < places.size(); ++axis) {
    auto at = [&](const std::vector<int64_t> &values) { return values.size() == 1 ? values[0] : values[axis - 2]; };
    places[axis] =
        (map[axis] + 2 * at(padding) - at(dilation) * (weight[axis] - 1) - 1) / std::max<int64_t>(1, at(stride)) + 1;
  }
  return places;
}

/// (input, weight, bias, stride, padding, dilation, transposed, …), as `aten::convolution` takes them.
uint64_t forward_convolution(Inputs inputs) {
  if (!are_tensors(inputs, {0, 1}) || inputs.size() < 7) return 0;
  auto map = inputs[0].toTensor().sizes();
  auto weight = inputs[1].toTensor().sizes();
  if (inputs[6].toBool()) return convolution(map, weight);
  return convolution(
      output_places(map, weight, inputs[3].toIntVector(), inputs[4].toIntVector(), inputs[5].toIntVector()), weight);
}

/// A packed convolution (input, weight, bias, padding, stride, dilation, …), `first` being the place of the input and
/// `weight_at` that of the weight, which the other three follow behind the bias.
uint64_t packed_convolution(Inputs inputs, size_t first, size_t weight_at) {
  if (!are_tensors(inputs, {first, weight_at}) || inputs.size() < weight_at + 5) return 0;
  return convolution(output_places(inputs[first].toTensor().sizes(), inputs[weight_at].toTensor().sizes(),
                                   inputs[weight_at + 3].toIntVector(), inputs[weight_at + 2].toIntVector(),
                                   inputs[weight_at + 4].toIntVector()),
                     inputs[weight_at].toTensor().sizes());
}

/// (gradient, input, weight, bias sizes, stride, padding, dilation, transposed, …, mask): one forward's worth for each of
/// the input's and the weight's gradient.
uint64_t backward_convolution(Inputs inputs) {
  if (!are_tensors(inputs, {0, 1, 2}) || inputs.size() < 11) return 0;
  auto mask = inputs[10].toBoolList();
  auto places = inputs[7].toBool() ? inputs[1].toTensor().sizes() : inputs[0].toTensor().sizes();
  uint64_t once = convolution(places, inputs[2].toTensor().sizes());
  return once * ((mask[0] ? 1 : 0) + (mask[1] ? 1 : 0));
}

/// Queries [B, H, N, C], keys [B, H, M, C], values [B, H, M, D]: products that sum over C, and over D.
uint64_t attention(Inputs inputs, size_t first, uint64_t over_queries, uint64_t over_values) {
  if (!are_tensors(inputs, {first, first + 1, first + 2})) return 0;
  auto query = inputs[first].toTensor().sizes(), key = inputs[first + 1].toTensor().sizes();
  uint64_t scores = static_cast<uint64_t>(query[0]) * query[1] * query[2] * key[2];
  return 2 * scores * (over_queries * query[3] + over_values * inputs[first + 2].toTensor().size(3));
}

/// - `overload`: `binary` where another operand to be added comes first or second.
uint64_t count(std::string_view name, std::string_view overload, Inputs inputs) {
  if (name == "aten::mm" || name == "aten::bmm") return matrix_product(inputs, 0, 1);
  if (name == "aten::addmm" || name == "aten::baddbmm" || name == "aten::_addmm_activation") {
    return matrix_product(inputs, 1, 2);
  }
  if (name == "aten::convolution") return forward_convolution(inputs);
  if (name == "aten::convolution_backward") return backward_convolution(inputs);
  if (name == "mkldnn::_linear_pointwise") return linear(inputs, 0, overload == "binary" ? 2 : 1);
  if (name == "mkldnn::_convolution_pointwise") return packed_convolution(inputs, 0, overload == "binary" ? 2 : 1);
  if (name == "mkldnn::_convolution_pointwise_") return packed_convolution(inputs, 1, 2);
  // The plain form of attention is made of products, which are counted themselves.
  if (name.find("aten::_scaled_dot_product_") == 0 && name.find("_math") == name.npos) {
    // The backward pass has four products, those of the gradients of values, weights, queries and keys. A fused kernel computes
    // the scores once more, which saves memory and is no work of the network: it is not counted, so that every kernel and the
    // plain form (Swin's, with its bias) count alike.
    return name.find("_backward") == name.npos ? attention(inputs, 0, 1, 1) : attention(inputs, 1, 2, 2);
  }
  return 0;
}

std::unique_ptr<at::ObserverContext> observe(const at::RecordFunction &function) {
  auto operator_name = function.operator_name();
  operations.fetch_add(
      count(function.name(), operator_name ? operator_name->overload_name : std::string(), function.inputs()),
      std::memory_order_relaxed);
  return nullptr;
}

}  // namespace

extern "C" {

pt_status pt_operations_begin(void) {
  return guarded([] {
    TORCH_CHECK(counting_handle == at::INVALID_CALLBACK_HANDLE, "this thread counts its operations already");
    counting.lock();
    operations = 0;
    counting_handle = at::addThreadLocalCallback(
        at::RecordFunctionCallback(observe).needsInputs(true).scopes({at::RecordScope::FUNCTION}));
  });
}

uint64_t pt_operations_end(void) {
  if (counting_handle == at::INVALID_CALLBACK_HANDLE) return 0;
  at::removeCallback(counting_handle);
  counting_handle = at::INVALID_CALLBACK_HANDLE;
  uint64_t count = operations;
  counting.unlock();
  return count;
}

pt_status pt_device_peak_memory(pt_device device, uint64_t *bytes) {
  return guarded([&] {
    *bytes = 0;
#ifdef PALIMPSEST_DEVICE_STATISTICS
    auto place = to_device(device);
    if (place.is_cpu()) return;
    if (auto *allocator = dynamic_cast<c10::DeviceAllocator *>(c10::GetAllocator(place.type()))) {
      auto index = place.has_index() ? place.index() : c10::DeviceIndex{0};
      *bytes = static_cast<uint64_t>(allocator->getDeviceStats(index).allocated_bytes[0].peak);
    }
#endif
  });
}

}  // extern "C"
