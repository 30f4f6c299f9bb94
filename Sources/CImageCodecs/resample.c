#include "CImageCodecs.h"

#include <string.h>

typedef uint8_t Bytes8 __attribute__((vector_size(8)));
typedef int32_t Words8 __attribute__((vector_size(32)));

/// Eight bytes as eight 32-bit numbers. A macro, as vectors do not pass between functions of different instruction sets.
#define WIDEN(pointer)                                                                                                 \
  ({                                                                                                                   \
    Bytes8 bytes_;                                                                                                     \
    memcpy(&bytes_, (pointer), 8);                                                                                     \
    __builtin_convertvector(bytes_, Words8);                                                                           \
  })

/// Eight sums shifted, clipped and stored as bytes.
#define NARROW(pointer, sum)                                                                                           \
  do {                                                                                                                 \
    Words8 level_ = (sum) >> precision;                                                                                \
    level_ &= level_ > 0;                                                                                              \
    Words8 over_ = level_ > 255;                                                                                       \
    level_ = (level_ & ~over_) | (over_ & 255);                                                                        \
    Bytes8 bytes_ = __builtin_convertvector(level_, Bytes8);                                                           \
    memcpy((pointer), &bytes_, 8);                                                                                     \
  } while (0)

static inline __attribute__((always_inline)) uint8_t clipped(int32_t level) {
  return level < 0 ? 0 : level > 255 ? 255 : (uint8_t)level;
}

static inline __attribute__((always_inline)) void resample_rows(
    const uint8_t *source, size_t source_stride, size_t row_bytes, size_t rows, const int32_t *starts,
    const int32_t *groups, const int32_t *weights, size_t stride, size_t outputs, int precision, uint8_t *line,
    uint8_t *target) {
  const int32_t half = 1 << (precision - 1);
  memset(line + row_bytes, 0, RESAMPLE_LINE_MARGIN);
  for (size_t row = 0; row < rows; row++) {
    memcpy(line, source + row * source_stride, row_bytes);
    for (size_t output = 0; output < outputs; output++) {
      const uint8_t *pixels = line + 3 * (size_t)starts[output];
      const int32_t *weight = weights + output * stride;
      // Twelve channels of four pixels: r g b r g b r g, b r g b and four that weigh nothing.
      Words8 first = {0}, second = {0};
      for (int32_t group = 0; group < groups[output]; group++) {
        Words8 low, high;
        memcpy(&low, weight, 32);
        memcpy(&high, weight + 8, 32);
        first += WIDEN(pixels) * low;
        second += WIDEN(pixels + 8) * high;
        pixels += 3 * RESAMPLE_GROUP_TAPS;
        weight += RESAMPLE_GROUP_SIZE;
      }
      target[0] = clipped((half + first[0] + first[3] + first[6] + second[1]) >> precision);
      target[1] = clipped((half + first[1] + first[4] + first[7] + second[2]) >> precision);
      target[2] = clipped((half + first[2] + first[5] + second[0] + second[3]) >> precision);
      target += 3;
    }
  }
}

static inline __attribute__((always_inline)) void resample_columns(
    const uint8_t *source, size_t source_stride, size_t row_bytes, const int32_t *starts, const int32_t *counts,
    const int32_t *weights, size_t stride, size_t outputs, int precision, uint8_t *target) {
  const int32_t half = 1 << (precision - 1);
  for (size_t output = 0; output < outputs; output++) {
    const uint8_t *first = source + (size_t)starts[output] * source_stride;
    const int32_t *weight = weights + output * stride;
    const int32_t count = counts[output];
    size_t byte = 0;
    for (; byte + 64 <= row_bytes; byte += 64) {
      Words8 sums[8];
      for (int block = 0; block < 8; block++) sums[block] = (Words8){0} + half;
      const uint8_t *row = first + byte;
      for (int32_t tap = 0; tap < count; tap++, row += source_stride) {
        const Words8 factor = (Words8){0} + weight[tap];
        for (int block = 0; block < 8; block++) sums[block] += WIDEN(row + 8 * block) * factor;
      }
      for (int block = 0; block < 8; block++) NARROW(target + byte + 8 * block, sums[block]);
    }
    for (; byte + 8 <= row_bytes; byte += 8) {
      Words8 sum = (Words8){0} + half;
      const uint8_t *row = first + byte;
      for (int32_t tap = 0; tap < count; tap++, row += source_stride) sum += WIDEN(row) * weight[tap];
      NARROW(target + byte, sum);
    }
    for (; byte < row_bytes; byte++) {
      int32_t sum = half;
      for (int32_t tap = 0; tap < count; tap++) sum += first[(size_t)tap * source_stride + byte] * weight[tap];
      target[byte] = clipped(sum >> precision);
    }
    target += row_bytes;
  }
}

#if defined(__x86_64__)
#define HAS_WIDE 1
#define WIDE __attribute__((target("avx2")))

WIDE static void resample_rows_wide(const uint8_t *source, size_t source_stride, size_t row_bytes, size_t rows,
                                    const int32_t *starts, const int32_t *groups, const int32_t *weights,
                                    size_t stride, size_t outputs, int precision, uint8_t *line, uint8_t *target) {
  resample_rows(source, source_stride, row_bytes, rows, starts, groups, weights, stride, outputs, precision, line,
                target);
}

WIDE static void resample_columns_wide(const uint8_t *source, size_t source_stride, size_t row_bytes,
                                       const int32_t *starts, const int32_t *counts, const int32_t *weights,
                                       size_t stride, size_t outputs, int precision, uint8_t *target) {
  resample_columns(source, source_stride, row_bytes, starts, counts, weights, stride, outputs, precision, target);
}
#endif

void codec_resample_rows(const uint8_t *source, size_t source_stride, size_t row_bytes, size_t rows,
                         const int32_t *starts, const int32_t *groups, const int32_t *weights, size_t stride,
                         size_t outputs, int precision, uint8_t *line, uint8_t *target) {
#ifdef HAS_WIDE
  if (__builtin_cpu_supports("avx2")) {
    resample_rows_wide(source, source_stride, row_bytes, rows, starts, groups, weights, stride, outputs, precision,
                       line, target);
    return;
  }
#endif
  resample_rows(source, source_stride, row_bytes, rows, starts, groups, weights, stride, outputs, precision, line,
                target);
}

void codec_resample_columns(const uint8_t *source, size_t source_stride, size_t row_bytes, const int32_t *starts,
                            const int32_t *counts, const int32_t *weights, size_t stride, size_t outputs,
                            int precision, uint8_t *target) {
#ifdef HAS_WIDE
  if (__builtin_cpu_supports("avx2")) {
    resample_columns_wide(source, source_stride, row_bytes, starts, counts, weights, stride, outputs, precision,
                          target);
    return;
  }
#endif
  resample_columns(source, source_stride, row_bytes, starts, counts, weights, stride, outputs, precision, target);
}
