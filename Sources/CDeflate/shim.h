#ifndef PALIMPSEST_CDEFLATE_SHIM_H
#define PALIMPSEST_CDEFLATE_SHIM_H
#include <libdeflate.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
// fallocate(2), which glibc declares only for GNU sources: takes room on the disk at once, or fails. Unlike
// posix_fallocate it does not write zeros where the file system cannot.
static inline int palimpsest_reserve(int descriptor, int keep_size, int64_t bytes) {
  return (int)syscall(SYS_fallocate, descriptor, keep_size ? 1 : 0, (off_t)0, (off_t)bytes);
}
#endif

// Half precision and byte shuffling for the chunks that libdeflate then compresses. Nothing here allocates or fails.

#if defined(__x86_64__)
typedef float palimpsest_float8 __attribute__((vector_size(32), aligned(4)));
typedef short palimpsest_short8 __attribute__((vector_size(16), aligned(2)));

__attribute__((target("avx,f16c"))) static inline size_t palimpsest_half_from_float_f16c(
    const float *source, uint16_t *target, size_t count) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    palimpsest_float8 values = *(const palimpsest_float8 *)(source + i);
    *(palimpsest_short8 *)(target + i) = (palimpsest_short8)__builtin_ia32_vcvtps2ph256(values, 0);
  }
  return i;
}
#endif

// IEEE 754 binary32 to binary16, to the nearest, ties to even; too large becomes infinity, NaN stays NaN.
static inline uint16_t palimpsest_half_of(float value) {
  union { float number; uint32_t bits; } in = {value};
  uint32_t sign = (in.bits >> 16) & 0x8000u, rest = in.bits & 0x7fffffffu;
  if (rest > 0x7f800000u) return (uint16_t)(sign | 0x7e00u | ((rest >> 13) & 0x3ffu));
  if (rest >= 0x477ff000u) return (uint16_t)(sign | 0x7c00u);
  if (rest < 0x38800000u) {
    // Below the smallest normal half: adding 0.5 lets the machine round the last ten bits, ties to even.
    union { float number; uint32_t bits; } small = {0};
    small.bits = rest;
    small.number += 0.5f;
    return (uint16_t)(sign | (small.bits - 0x3f000000u));
  }
  return (uint16_t)(sign | ((rest - 0x38000000u + 0xfffu + ((rest >> 13) & 1u)) >> 13));
}

// `count` numbers, to the nearest, ties to even. Borrows both.
static inline void palimpsest_half_from_float(const float *source, uint16_t *target, size_t count) {
  size_t i = 0;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("f16c")) i = palimpsest_half_from_float_f16c(source, target, count);
#endif
  for (; i < count; i++) target[i] = palimpsest_half_of(source[i]);
}

#if defined(__x86_64__)
__attribute__((target("avx,f16c"))) static inline size_t palimpsest_float_from_half_f16c(
    const uint16_t *source, float *target, size_t count) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    palimpsest_short8 values = *(const palimpsest_short8 *)(source + i);
    *(palimpsest_float8 *)(target + i) = (palimpsest_float8)__builtin_ia32_vcvtph2ps256(values);
  }
  return i;
}
#endif

static inline float palimpsest_float_of(uint16_t half) {
  uint32_t sign = (uint32_t)(half & 0x8000u) << 16, rest = half & 0x7fffu;
  union { uint32_t bits; float number; } out;
  if (rest >= 0x7c00u) {
    out.bits = sign | 0x7f800000u | ((rest & 0x3ffu) << 13) | ((rest & 0x3ffu) ? 0x400000u : 0);
  } else if (rest < 0x400u) {
    out.number = (float)rest * 5.9604644775390625e-8f;
    out.bits |= sign;
  } else {
    out.bits = sign | ((rest << 13) + 0x38000000u);
  }
  return out.number;
}

// `count` numbers, exactly. Borrows both.
static inline void palimpsest_float_from_half(const uint16_t *source, float *target, size_t count) {
  size_t i = 0;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("f16c")) i = palimpsest_float_from_half_f16c(source, target, count);
#endif
  for (; i < count; i++) target[i] = palimpsest_float_of(source[i]);
}

// The first bytes of all elements, then the second ones, and so on: HDF5's shuffle filter. `target` holds
// `count * size` bytes and does not overlap `source`.
static inline void palimpsest_shuffle(const uint8_t *source, uint8_t *target, size_t count, size_t size) {
  if (size == 4) {
    uint8_t *a = target, *b = target + count, *c = target + 2 * count, *d = target + 3 * count;
    for (size_t i = 0; i < count; i++) {
      a[i] = source[4 * i];
      b[i] = source[4 * i + 1];
      c[i] = source[4 * i + 2];
      d[i] = source[4 * i + 3];
    }
  } else if (size == 2) {
    uint8_t *a = target, *b = target + count;
    for (size_t i = 0; i < count; i++) {
      a[i] = source[2 * i];
      b[i] = source[2 * i + 1];
    }
  } else {
    for (size_t byte = 0; byte < size; byte++)
      for (size_t i = 0; i < count; i++) target[byte * count + i] = source[i * size + byte];
  }
}

// Undoes `palimpsest_shuffle`.
static inline void palimpsest_unshuffle(const uint8_t *source, uint8_t *target, size_t count, size_t size) {
  if (size == 4) {
    const uint8_t *a = source, *b = source + count, *c = source + 2 * count, *d = source + 3 * count;
    for (size_t i = 0; i < count; i++) {
      target[4 * i] = a[i];
      target[4 * i + 1] = b[i];
      target[4 * i + 2] = c[i];
      target[4 * i + 3] = d[i];
    }
  } else if (size == 2) {
    const uint8_t *a = source, *b = source + count;
    for (size_t i = 0; i < count; i++) {
      target[2 * i] = a[i];
      target[2 * i + 1] = b[i];
    }
  } else {
    for (size_t byte = 0; byte < size; byte++)
      for (size_t i = 0; i < count; i++) target[i * size + byte] = source[byte * count + i];
  }
}

#endif
