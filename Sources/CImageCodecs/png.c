#include "CImageCodecs.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

/// What libpng's callbacks know: the file in memory, how much of it is read, and where an error's text goes.
typedef struct {
  const uint8_t *data;
  size_t length, position;
  char *message;
} PngSource;

static void png_source_read(png_structp png, png_bytep bytes, size_t count) {
  PngSource *source = png_get_io_ptr(png);
  if (count > source->length - source->position) png_error(png, "the file ends too early");
  memcpy(bytes, source->data + source->position, count);
  source->position += count;
}

static void png_source_error(png_structp png, png_const_charp text) {
  PngSource *source = png_get_error_ptr(png);
  snprintf(source->message, CODEC_MESSAGE_SIZE, "%s", text);
  png_longjmp(png, 1);
}

static void png_source_warning(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

/// One-byte indices at the front of a row become RGB in place, last pixel first.
static void expand_palette(uint8_t *row, uint32_t width, const uint8_t table[256][3]) {
  for (uint32_t x = width; x-- > 0;) {
    const uint8_t *colour = table[row[x]];
    row[3 * (size_t)x] = colour[0];
    row[3 * (size_t)x + 1] = colour[1];
    row[3 * (size_t)x + 2] = colour[2];
  }
}

/// Big-endian 16-bit grey at the front of a row becomes RGB in place, values above 255 clipped as Pillow's I;16 does.
static void expand_grey16(uint8_t *row, uint32_t width) {
  for (uint32_t x = width; x-- > 0;) {
    uint8_t value = row[2 * (size_t)x] ? 255 : row[2 * (size_t)x + 1];
    memset(row + 3 * (size_t)x, value, 3);
  }
}

int codec_decode_png(const uint8_t *data, size_t length, uint32_t width, uint32_t height, uint8_t *pixels,
                     char *message) {
  message[0] = 0;
  PngSource source = {data, length, 0, message};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, png_source_error, png_source_warning);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (info == NULL) {
    snprintf(message, CODEC_MESSAGE_SIZE, "libpng could not be started");
    png_destroy_read_struct(&png, NULL, NULL);
    return CODEC_ERROR;
  }
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, NULL);
    return CODEC_ERROR;
  }
  png_set_read_fn(png, &source, png_source_read);
  png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
  // Text, colour profiles and times are skipped unread: they cannot change a pixel here and may be damaged or huge.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_QUIET_USE);
  png_read_info(png, info);
  if (png_get_image_width(png, info) != width || png_get_image_height(png, info) != height)
    png_error(png, "the header changed while it was read");

  int colour = png_get_color_type(png, info);
  int grey16 = colour == PNG_COLOR_TYPE_GRAY && png_get_bit_depth(png, info) == 16;
  uint8_t table[256][3];
  if (colour == PNG_COLOR_TYPE_PALETTE) {
    // Indices beyond the palette are black, as in Pillow.
    memset(table, 0, sizeof table);
    png_colorp entries = NULL;
    int count = 0;
    png_get_PLTE(png, info, &entries, &count);
    for (int i = 0; i < count && i < 256; i++) {
      table[i][0] = entries[i].red;
      table[i][1] = entries[i].green;
      table[i][2] = entries[i].blue;
    }
    png_set_packing(png);
  } else if (!grey16) {
    png_set_strip_16(png);
    if (colour == PNG_COLOR_TYPE_GRAY) png_set_expand_gray_1_2_4_to_8(png);
    if (colour & PNG_COLOR_MASK_ALPHA) png_set_strip_alpha(png);
    if (!(colour & PNG_COLOR_MASK_COLOR)) png_set_gray_to_rgb(png);
  }
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  if (png_get_rowbytes(png, info) > (size_t)width * 3) png_error(png, "rows are longer than expected");

  size_t stride = (size_t)width * 3;
  for (int pass = 0; pass < passes; pass++)
    for (uint32_t y = 0; y < height; y++) png_read_row(png, pixels + y * stride, NULL);
  if (colour == PNG_COLOR_TYPE_PALETTE)
    for (uint32_t y = 0; y < height; y++) expand_palette(pixels + y * stride, width, table);
  if (grey16)
    for (uint32_t y = 0; y < height; y++) expand_grey16(pixels + y * stride, width);
  png_destroy_read_struct(&png, &info, NULL);
  return CODEC_OK;
}
