// A CPU allocator that keeps freed blocks: memory fresh from the system is touched at a few GB/s, which costs a
// network of small operators on large maps more than its arithmetic.
#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "Internal.h"

namespace {

constexpr size_t alignment = 64;
constexpr size_t smallest_kept = size_t{64} << 10;
constexpr size_t huge_page = size_t{2} << 20;

/// `bytes` rounded up so that few distinct sizes exist: to the next of eight steps within its power of two, at most
/// an eighth too much.
size_t size_class(size_t bytes) {
  size_t step = std::max(std::bit_floor(bytes) / 8, alignment);
  size_t rounded = (bytes + step - 1) / step * step;
  return rounded >= huge_page ? (rounded + huge_page - 1) / huge_page * huge_page : rounded;
}

class CachingAllocator final : public c10::Allocator {
 public:
  void set_limit(size_t limit) {
    std::lock_guard<std::mutex> lock(mutex_);
    limit_ = limit;
  }

  c10::DataPtr allocate(size_t bytes) override {
    void *data = bytes == 0 ? nullptr : take(bytes);
    return {data, data, &CachingAllocator::give, c10::Device(c10::DeviceType::CPU)};
  }

  c10::DeleterFnPtr raw_deleter() const override { return &CachingAllocator::give; }

  void copy_data(void *destination, const void *source, size_t count) const override {
    std::memcpy(destination, source, count);
  }

  pt_memory statistics() {
    std::lock_guard<std::mutex> lock(mutex_);
    return statistics_;
  }

  void trim() {
    std::lock_guard<std::mutex> lock(mutex_);
    evict(0);
  }

  static CachingAllocator &shared() {
    static auto *allocator = new CachingAllocator();
    return *allocator;
  }

 private:
  std::mutex mutex_;
  size_t limit_ = 0;
  pt_memory statistics_{};
  std::unordered_map<void *, size_t> sizes_;
  std::map<size_t, std::vector<void *>> kept_;

  static void give(void *data) {
    if (data != nullptr) shared().put_back(data);
  }

  void *take(size_t bytes) {
    const size_t size = size_class(bytes);
    std::lock_guard<std::mutex> lock(mutex_);
    void *data = nullptr;
    auto found = kept_.find(size);
    if (found != kept_.end() && !found->second.empty()) {
      data = found->second.back();
      found->second.pop_back();
      statistics_.cached -= size;
    } else {
      const size_t boundary = size >= huge_page ? huge_page : alignment;
      if (posix_memalign(&data, boundary, size) != 0) {
        evict(0);
        TORCH_CHECK_WITH(OutOfMemoryError, posix_memalign(&data, boundary, size) == 0, "can't allocate memory: ",
                         size, " bytes for a tensor; smaller batches need less");
      }
      if (size >= huge_page) madvise(data, size, MADV_HUGEPAGE);
    }
    sizes_.emplace(data, size);
    statistics_.live += size;
    statistics_.peak = std::max(statistics_.peak, statistics_.live);
    return data;
  }

  void put_back(void *data) {
    std::lock_guard<std::mutex> lock(mutex_);
    auto found = sizes_.find(data);
    if (found == sizes_.end()) {  // oneDNN gives back here what it took from libtorch's own allocator before the change
      std::free(data);
      return;
    }
    const size_t size = found->second;
    sizes_.erase(found);
    statistics_.live -= size;
    if (size < smallest_kept || size > limit_) {
      std::free(data);
      return;
    }
    if (statistics_.cached + size > limit_) evict(limit_ - size);
    kept_[size].push_back(data);
    statistics_.cached += size;
  }

  /// Frees kept blocks, the largest first, until at most `bytes` are kept.
  void evict(size_t bytes) {
    for (auto entry = kept_.rbegin(); entry != kept_.rend() && statistics_.cached > bytes; ++entry) {
      while (!entry->second.empty() && statistics_.cached > bytes) {
        std::free(entry->second.back());
        entry->second.pop_back();
        statistics_.cached -= entry->first;
      }
    }
  }
};

}  // namespace

extern "C" {

void pt_memory_cache(size_t limit) {
  auto &allocator = CachingAllocator::shared();
  allocator.set_limit(limit);
  c10::SetCPUAllocator(&allocator, /*priority=*/100);
}

pt_memory pt_memory_statistics(void) { return CachingAllocator::shared().statistics(); }

void pt_memory_trim(void) { CachingAllocator::shared().trim(); }

}  // extern "C"
