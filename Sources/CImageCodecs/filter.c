#include "CImageCodecs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static uint8_t paeth(int left, int up, int corner) {
  int estimate = left + up - corner;
  int a = abs(estimate - left), b = abs(estimate - up), c = abs(estimate - corner);
  return (uint8_t)(a <= b && a <= c ? left : b <= c ? up : corner);
}

/// One row under each of the five filters, behind each other in `out`.
static void filter_row(const uint8_t *row, const uint8_t *above, size_t bytes, size_t pixel, uint8_t *out) {
  uint8_t *sub = out + bytes, *up = sub + bytes, *mean = up + bytes, *guess = mean + bytes;
  memcpy(out, row, bytes);
  for (size_t i = 0; i < bytes; i++) up[i] = (uint8_t)(row[i] - above[i]);
  for (size_t i = 0; i < pixel; i++) {
    sub[i] = row[i];
    mean[i] = (uint8_t)(row[i] - above[i] / 2);
    guess[i] = (uint8_t)(row[i] - above[i]);
  }
  for (size_t i = pixel; i < bytes; i++) sub[i] = (uint8_t)(row[i] - row[i - pixel]);
  for (size_t i = pixel; i < bytes; i++) mean[i] = (uint8_t)(row[i] - (row[i - pixel] + above[i]) / 2);
  for (size_t i = pixel; i < bytes; i++)
    guess[i] = (uint8_t)(row[i] - paeth(row[i - pixel], above[i], above[i - pixel]));
}

static uint64_t magnitudes(const uint8_t *bytes, size_t count) {
  uint64_t sum = 0;
  for (size_t i = 0; i < count; i++) sum += bytes[i] < 128 ? bytes[i] : 256u - bytes[i];
  return sum;
}

/// How much a row's bytes tell, up to a constant of its length: the less, the smaller it compresses. `weights[n]` is n log₂ n.
static uint64_t information(const uint8_t *bytes, size_t count, const uint32_t *weights) {
  uint32_t counts[256] = {0};
  for (size_t i = 0; i < count; i++) counts[bytes[i]]++;
  uint64_t sum = 0;
  for (int i = 0; i < 256; i++) sum += weights[counts[i]];
  return (uint64_t)1 << 62 > sum ? ((uint64_t)1 << 62) - sum : 0;
}

int codec_filter_png(const uint8_t *pixels, size_t row_bytes, size_t rows, size_t pixel_bytes, int by_information,
                     uint8_t *lines) {
  uint8_t *work = calloc(6, row_bytes);
  uint32_t *weights = malloc((row_bytes + 1) * sizeof *weights);
  if (work == NULL || weights == NULL) {
    free(work);
    free(weights);
    return CODEC_ERROR;
  }
  weights[0] = 0;
  for (size_t n = 1; by_information && n <= row_bytes; n++)
    weights[n] = (uint32_t)llround((double)n * log2((double)n) * 16);
  const uint8_t *above = work + 5 * row_bytes;
  for (size_t y = 0; y < rows; y++) {
    const uint8_t *row = pixels + y * row_bytes;
    filter_row(row, above, row_bytes, pixel_bytes, work);
    uint64_t least = UINT64_MAX;
    int best = 0;
    for (int filter = 0; filter < 5; filter++) {
      const uint8_t *candidate = work + (size_t)filter * row_bytes;
      uint64_t cost =
          by_information ? information(candidate, row_bytes, weights) : magnitudes(candidate, row_bytes);
      if (cost < least) {
        least = cost;
        best = filter;
      }
    }
    lines[0] = (uint8_t)best;
    memcpy(lines + 1, work + (size_t)best * row_bytes, row_bytes);
    lines += row_bytes + 1;
    above = row;
  }
  free(work);
  free(weights);
  return CODEC_OK;
}
