// Calls of libtorch's operators by name, through its dispatcher, so that one function serves them all.
#include <ATen/core/List.h>
#include <ATen/core/ivalue.h>
#include <ATen/core/jit_type.h>
#include <ATen/ops/scalar_tensor.h>

#include <mutex>
#include <string>
#include <unordered_map>

#include "Internal.h"

using palimpsest::guarded;
using palimpsest::make_handle;
using palimpsest::to_device;

namespace {

/// The type of an argument, without the `?` of an optional one.
c10::TypePtr underlying(const c10::TypePtr &type) {
  if (auto optional = type->cast<c10::OptionalType>()) return optional->getElementType();
  return type;
}

/// `value` as the dispatcher wants it for an argument of the schema's type `type`.
c10::IValue to_ivalue(const pt_value &value, const c10::TypePtr &type) {
  switch (value.kind) {
    case PT_NONE: return {};
    case PT_TENSOR: return static_cast<const pt_tensor *>(value.pointer)->value;
    case PT_INTEGER:
      if (underlying(type)->kind() == c10::TypeKind::FloatType) return static_cast<double>(value.integer);
      return value.integer;
    case PT_REAL: return value.real;
    case PT_BOOLEAN: return value.integer != 0;
    case PT_STRING: return std::string(static_cast<const char *>(value.pointer));
    case PT_INTEGER_LIST: {
      const auto *items = static_cast<const int64_t *>(value.pointer);
      c10::List<int64_t> list;
      list.reserve(value.count);
      for (size_t i = 0; i < value.count; ++i) list.push_back(items[i]);
      return list;
    }
    case PT_REAL_LIST: {
      const auto *items = static_cast<const double *>(value.pointer);
      auto list_type = underlying(type)->cast<c10::ListType>();
      if (list_type && list_type->getElementType()->kind() == c10::TypeKind::OptionalType) {
        c10::List<std::optional<at::Scalar>> scalars;
        for (size_t i = 0; i < value.count; ++i) scalars.push_back(at::Scalar(items[i]));
        return scalars;
      }
      c10::List<double> list;
      list.reserve(value.count);
      for (size_t i = 0; i < value.count; ++i) list.push_back(items[i]);
      return list;
    }
    case PT_BOOLEAN_LIST: {
      const auto *items = static_cast<const uint8_t *>(value.pointer);
      c10::List<bool> list;
      list.reserve(value.count);
      for (size_t i = 0; i < value.count; ++i) list.push_back(items[i] != 0);
      return list;
    }
    case PT_TENSOR_LIST: {
      const auto *items = static_cast<const pt_tensor *const *>(value.pointer);
      c10::List<at::Tensor> list;
      list.reserve(value.count);
      for (size_t i = 0; i < value.count; ++i) list.push_back(items[i]->value);
      return list;
    }
    case PT_OPTIONAL_TENSOR_LIST: {
      const auto *items = static_cast<const pt_tensor *const *>(value.pointer);
      c10::List<std::optional<at::Tensor>> list;
      list.reserve(value.count);
      for (size_t i = 0; i < value.count; ++i) {
        list.push_back(items[i] == nullptr ? std::nullopt : std::optional<at::Tensor>(items[i]->value));
      }
      return list;
    }
    case PT_DEVICE: return to_device(value.device);
    case PT_GENERATOR: return static_cast<const pt_generator *>(value.pointer)->value;
  }
  TORCH_CHECK(false, "unknown kind of argument ", static_cast<int>(value.kind));
}

/// Appends the tensors in `value`, which an operator returned, to `tensors`.
void collect(const c10::IValue &value, std::vector<at::Tensor> &tensors) {
  if (value.isTensor()) {
    tensors.push_back(value.toTensor());
  } else if (value.isTensorList()) {
    for (const at::Tensor &tensor : value.toTensorVector()) tensors.push_back(tensor);
  } else if (value.isScalar()) {
    auto scalar = value.toScalar();
    tensors.push_back(at::scalar_tensor(scalar, at::TensorOptions(scalar.type())));
  } else if (!value.isNone()) {
    TORCH_CHECK(false, "the operator returned a ", value.tagKind(), ", which is neither a tensor nor a number");
  }
}

}  // namespace

extern "C" {

pt_status pt_operator_find(const char *name, const char *overload, const pt_operator **out) {
  return guarded([&] {
    static std::mutex mutex;
    static auto *known = new std::unordered_map<std::string, pt_operator *>();
    std::lock_guard<std::mutex> lock(mutex);
    auto &entry = (*known)[std::string(name) + "." + overload];
    if (entry == nullptr) {
      entry = new pt_operator{c10::Dispatcher::singleton().findSchemaOrThrow(name, overload)};
    }
    *out = entry;
  });
}

pt_status pt_operator_call(const pt_operator *op, const pt_value *arguments, size_t argument_count,
                           pt_tensor **results, size_t capacity, size_t *count) {
  return guarded([&] {
    const auto &schema = op->handle.schema().arguments();
    TORCH_CHECK(argument_count <= schema.size(), op->handle.operator_name().name, " takes ", schema.size(),
                " arguments, got ", argument_count);
    torch::jit::Stack stack;
    stack.reserve(schema.size());
    for (size_t i = 0; i < schema.size(); ++i) {
      if (i < argument_count) {
        stack.push_back(to_ivalue(arguments[i], schema[i].type()));
      } else {
        TORCH_CHECK(schema[i].default_value().has_value(), op->handle.operator_name().name, " needs its argument ",
                    schema[i].name());
        stack.push_back(*schema[i].default_value());
      }
    }
    op->handle.callBoxed(stack);
    std::vector<at::Tensor> tensors;
    for (const auto &value : stack) collect(value, tensors);
    TORCH_CHECK(tensors.size() <= capacity, op->handle.operator_name().name, " returned ", tensors.size(),
                " tensors, there is room for ", capacity);
    for (size_t i = 0; i < tensors.size(); ++i) results[i] = make_handle(std::move(tensors[i]));
    *count = tensors.size();
  });
}

}  // extern "C"
