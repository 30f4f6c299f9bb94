// A transposed convolution on the CPU whose weights' gradient is computed by matrix products.
//
// oneDNN's own kernel for it took five to ten times as long on channels-last maps as the forward pass, which has as many
// operations (3.12, AVX2, DETR-R50's inverses); the rest of the operator is libtorch's.
#include <ATen/Functions.h>
#include <torch/csrc/autograd/custom_function.h>

#include "Internal.h"

using palimpsest::guarded;
using palimpsest::make_handle;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

namespace {

struct Geometry {
  int64_t stride[2];
  int64_t padding[2];
};

/// Rows or columns of the input for which `extent` of the output, met by one place of the kernel, exists.
struct Range {
  int64_t low;
  int64_t high;  // one past the last
  int64_t first;  // where `low` meets the output

  Range(int64_t inputs, int64_t outputs, int64_t stride, int64_t shift) {
    low = shift < 0 ? (-shift + stride - 1) / stride : 0;
    high = std::min(inputs, outputs > shift ? (outputs - shift + stride - 1) / stride : 0);
    high = std::max(low, high);
    first = low * stride + shift;
  }

  int64_t count() const { return high - low; }
};

/// The weights' gradient [in, out, kernel height, kernel width] of maps [B, in, h, w] and gradients [B, out, H, W]: for each
/// row of the kernel, inputs times the outputs that they reach through it.
at::Tensor weight_gradient(const at::Tensor &input, const at::Tensor &gradient, at::IntArrayRef shape, Geometry geometry) {
  const int64_t batch = input.size(0), height = input.size(2), width = input.size(3), outputs = gradient.size(1);
  at::Tensor rows = input.permute({0, 2, 3, 1}).reshape({batch * height * width, input.size(1)}).t();
  at::Tensor map = gradient.permute({0, 2, 3, 1});
  at::Tensor result = at::empty(shape, input.options());
  for (int64_t i = 0; i < shape[2]; i++) {
    Range vertical(height, gradient.size(2), geometry.stride[0], i - geometry.padding[0]);
    at::Tensor reached = at::empty({batch, height, width, shape[3], outputs}, input.options());
    for (int64_t j = 0; j < shape[3]; j++) {
      Range horizontal(width, gradient.size(3), geometry.stride[1], j - geometry.padding[1]);
      at::Tensor place = reached.select(3, j);
      bool is_whole = vertical.count() == height && horizontal.count() == width;
      if (!is_whole) place.zero_();
      if (vertical.count() == 0 || horizontal.count() == 0) continue;
      at::Tensor met = map.slice(1, vertical.first, gradient.size(2), geometry.stride[0]).slice(1, 0, vertical.count())
                           .slice(2, horizontal.first, gradient.size(3), geometry.stride[1]).slice(2, 0, horizontal.count());
      place.slice(1, vertical.low, vertical.high).slice(2, horizontal.low, horizontal.high).copy_(met);
    }
    at::Tensor products = at::mm(rows, reached.view({batch * height * width, shape[3] * outputs}));
    result.select(2, i).copy_(products.view({shape[0], shape[3], outputs}).transpose(1, 2));
  }
  return result;
}

struct TransposedConvolution : public torch::autograd::Function<TransposedConvolution> {
  static at::Tensor forward(AutogradContext *context, const at::Tensor &input, const at::Tensor &weight,
                            const at::Tensor &bias, std::vector<int64_t> stride, std::vector<int64_t> padding,
                            std::vector<int64_t> output_padding) {
    context->save_for_backward({input, weight});
    context->saved_data["stride"] = stride;
    context->saved_data["padding"] = padding;
    at::AutoDispatchBelowADInplaceOrView guard;
    return at::convolution(input, weight, bias, stride, padding, {1, 1}, true, output_padding, 1);
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &input = saved[0], &weight = saved[1], &gradient = gradients[0];
    const auto stride = context->saved_data["stride"].toIntVector();
    const auto padding = context->saved_data["padding"].toIntVector();
    variable_list results(6);
    if (context->needs_input_grad(0)) {
      results[0] = at::convolution(gradient, weight, {}, stride, padding, {1, 1}, false, {0, 0}, 1);
    }
    if (context->needs_input_grad(1)) {
      results[1] = weight_gradient(input, gradient, weight.sizes(), {{stride[0], stride[1]}, {padding[0], padding[1]}});
    }
    if (context->needs_input_grad(2)) results[2] = gradient.sum({0, 2, 3});
    return results;
  }
};

}  // namespace

pt_status pt_transposed_convolution(const pt_tensor *input, const pt_tensor *weight, const pt_tensor *bias,
                                    const int64_t stride[2], const int64_t padding[2], const int64_t output_padding[2],
                                    pt_tensor **out) {
  return guarded([&] {
    auto pair = [](const int64_t values[2]) { return std::vector<int64_t>(values, values + 2); };
    *out = make_handle(TransposedConvolution::apply(
        input->value, weight->value, bias->value, pair(stride), pair(padding), pair(output_padding)));
  });
}
