// What the files of the shim share: the handles' insides and the one way errors leave.
#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/util/Exception.h>

#include <atomic>
#include <exception>
#include <new>
#include <string>

#include "CTorch.h"

struct pt_tensor {
  at::Tensor value;
};

struct pt_operator {
  c10::OperatorHandle handle;
};

struct pt_generator {
  at::Generator value;
};

namespace palimpsest {

std::string &last_error();
extern std::atomic<int64_t> live_tensors;

/// An owned handle on `value`.
inline pt_tensor *make_handle(at::Tensor value) {
  auto *handle = new pt_tensor{std::move(value)};
  live_tensors.fetch_add(1, std::memory_order_relaxed);
  return handle;
}

inline c10::Device to_device(pt_device device) {
  auto type = c10::DeviceType::CPU;
  if (device.type == PT_CUDA) type = c10::DeviceType::CUDA;
  if (device.type == PT_MPS) type = c10::DeviceType::MPS;
  return c10::Device(type, static_cast<c10::DeviceIndex>(device.index));
}

/// Runs `body`; turns whatever it throws into a status and the thread's error text.
template <class Body>
pt_status guarded(Body &&body) noexcept {
  auto &text = last_error();
  text.clear();
  try {
    body();
    return PT_OK;
  } catch (const c10::OutOfMemoryError &error) {
    text = error.what_without_backtrace();
    return PT_OUT_OF_MEMORY;
  } catch (const c10::Error &error) {
    text = error.what_without_backtrace();
  } catch (const std::bad_alloc &) {
    text = "out of memory";
    return PT_OUT_OF_MEMORY;
  } catch (const std::exception &error) {
    text = error.what();
  } catch (...) {
    text = "unknown exception";
  }
  return text.find("can't allocate memory") != std::string::npos ? PT_OUT_OF_MEMORY : PT_ERROR;
}

}  // namespace palimpsest
