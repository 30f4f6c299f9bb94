#include "CImageCodecs.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

/// A file in memory as libtiff reads it, and where an error's text goes.
typedef struct {
  const uint8_t *data;
  size_t length;
  uint64_t position;
  char *message;
} TiffSource;

static tmsize_t tiff_source_read(thandle_t handle, void *buffer, tmsize_t count) {
  TiffSource *source = handle;
  if (count < 0 || source->position >= source->length) return 0;
  size_t left = source->length - (size_t)source->position;
  size_t taken = (size_t)count < left ? (size_t)count : left;
  memcpy(buffer, source->data + source->position, taken);
  source->position += taken;
  return (tmsize_t)taken;
}

static tmsize_t tiff_source_write(thandle_t handle, void *buffer, tmsize_t count) {
  (void)handle, (void)buffer, (void)count;
  return 0;
}

static toff_t tiff_source_seek(thandle_t handle, toff_t offset, int whence) {
  TiffSource *source = handle;
  uint64_t base = whence == SEEK_CUR ? source->position : whence == SEEK_END ? source->length : 0;
  source->position = base + offset;
  return source->position;
}

static int tiff_source_close(thandle_t handle) {
  (void)handle;
  return 0;
}

static toff_t tiff_source_size(thandle_t handle) { return ((TiffSource *)handle)->length; }

/// Keeps the first error of a file: the later ones follow from it.
static void tiff_error(thandle_t handle, const char *module, const char *format, va_list arguments) {
  (void)module;
  TiffSource *source = handle;
  if (source == NULL || source->message[0] != 0) return;
  vsnprintf(source->message, CODEC_MESSAGE_SIZE, format, arguments);
}

static void tiff_start(void) {
  TIFFSetErrorHandler(NULL);
  TIFFSetWarningHandler(NULL);
  TIFFSetErrorHandlerExt(tiff_error);
}

static TIFF *tiff_open(TiffSource *source) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, tiff_start);
  return TIFFClientOpen("", "rm", source, tiff_source_read, tiff_source_write, tiff_source_seek, tiff_source_close,
                        tiff_source_size, NULL, NULL);
}

/// What decides how samples become RGB.
typedef struct {
  uint32_t width, height;
  uint16_t bits, samples, photometric, planar, format, compression;
  /// What the first sample beyond the colours is: -1 where there is none, else EXTRASAMPLE_… .
  int extra;
  /// Samples of the colours: 1, 3 or 4.
  int colours;
  uint8_t palette[256][3];
} TiffLayout;

static int tiff_refuse(char *message, const char *text) {
  if (text != message) snprintf(message, CODEC_MESSAGE_SIZE, "%s", text);
  return CODEC_ERROR;
}

static int tiff_palette(TIFF *tiff, TiffLayout *layout, char *message) {
  uint16_t *red, *green, *blue;
  if (!TIFFGetField(tiff, TIFFTAG_COLORMAP, &red, &green, &blue)) return tiff_refuse(message, "it has no colour map");
  memset(layout->palette, 0, sizeof layout->palette);
  for (int i = 0; i < 1 << layout->bits; i++) {
    layout->palette[i][0] = (uint8_t)(red[i] >> 8);
    layout->palette[i][1] = (uint8_t)(green[i] >> 8);
    layout->palette[i][2] = (uint8_t)(blue[i] >> 8);
  }
  return CODEC_OK;
}

static int tiff_layout(TIFF *tiff, TiffLayout *layout, char *message) {
  uint16_t extras = 0, *kinds = NULL;
  memset(layout, 0, sizeof *layout);
  TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &layout->width);
  TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &layout->height);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &layout->bits);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &layout->samples);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &layout->planar);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &layout->format);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &layout->compression);
  if (!TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &layout->photometric)) layout->photometric = PHOTOMETRIC_MINISWHITE;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_EXTRASAMPLES, &extras, &kinds);
  uint16_t bits = layout->bits;
  switch (layout->photometric) {
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_MINISBLACK:
      layout->colours = 1;
      break;
    case PHOTOMETRIC_PALETTE:
      layout->colours = 1;
      if (bits > 8) return tiff_refuse(message, "a palette of more than 256 colours is not supported");
      if (tiff_palette(tiff, layout, message) != CODEC_OK) return CODEC_ERROR;
      break;
    case PHOTOMETRIC_RGB:
    case PHOTOMETRIC_YCBCR:
      layout->colours = 3;
      break;
    case PHOTOMETRIC_SEPARATED:
      layout->colours = 4;
      break;
    default:
      snprintf(message, CODEC_MESSAGE_SIZE, "its colours (photometric interpretation %d) are not supported",
               layout->photometric);
      return CODEC_ERROR;
  }
  int isGrey = layout->photometric <= PHOTOMETRIC_MINISBLACK;
  int isSmall = layout->colours == 1 && (bits == 1 || bits == 2 || bits == 4) && layout->samples == 1;
  if (!isSmall && bits != 8 && bits != 16) {
    snprintf(message, CODEC_MESSAGE_SIZE, "%d bits a sample are not supported, 8 and 16 are", bits);
    return CODEC_ERROR;
  }
  int isSignedByte = bits == 8 && layout->photometric == PHOTOMETRIC_MINISBLACK && layout->format == SAMPLEFORMAT_INT;
  if (layout->format != SAMPLEFORMAT_UINT && layout->format != SAMPLEFORMAT_VOID && !isSignedByte)
    return tiff_refuse(message, "samples with a sign or of floating point are not supported");
  if (bits == 16 && layout->photometric == PHOTOMETRIC_MINISWHITE)
    return tiff_refuse(message, "16-bit grey whose zero is white is not supported");
  if (layout->samples < layout->colours || layout->samples > layout->colours + 3)
    return tiff_refuse(message, "its number of samples does not fit its colours");
  layout->extra = layout->samples == layout->colours ? -1 : extras > 0 ? kinds[0] : EXTRASAMPLE_UNSPECIFIED;
  if (isGrey && layout->extra == EXTRASAMPLE_ASSOCALPHA)
    return tiff_refuse(message, "grey multiplied with its opacity is not supported");
  return CODEC_OK;
}

static uint8_t tiff_byte(const uint8_t *row, size_t sample, int bits) {
  if (bits == 8) return row[sample];
  uint16_t value;
  memcpy(&value, row + 2 * sample, 2);
  return (uint8_t)(value >> 8);
}

/// Pillow's integer formula for CMYK, where 255 is all ink.
static uint8_t tiff_ink(uint8_t ink, uint8_t black) {
  int white = 255 - black, product = ink * white + 128;
  int value = white - (((product >> 8) + product) >> 8);
  return value < 0 ? 0 : (uint8_t)value;
}

/// Luminance and two colour differences in the place of their RGB, by the integers of Pillow's tables: 64ths, cut off towards zero.
static void tiff_luminance_to_rgb(uint8_t *pixel) {
  int luminance = pixel[0], blue = pixel[1] - 128, red = pixel[2] - 128;
  int levels[3] = {
      luminance + ((int)(1.402 * red * 64 + 0.5) >> 6),
      luminance + (((int)(-0.34414 * blue * 64 + 0.5) + (int)(-0.71414 * red * 64 + 0.5)) >> 6),
      luminance + ((int)(1.772 * blue * 64 + 0.5) >> 6),
  };
  for (int c = 0; c < 3; c++) pixel[c] = levels[c] < 0 ? 0 : levels[c] > 255 ? 255 : (uint8_t)levels[c];
}

/// `count` pixels of a row of samples as RGB; `stride` samples a pixel.
static void tiff_row(const TiffLayout *layout, const uint8_t *row, size_t count, size_t stride, uint8_t *rgb) {
  int bits = layout->bits;
  for (size_t x = 0; x < count; x++, rgb += 3) {
    size_t first = x * stride;
    if (layout->colours == 1) {
      unsigned value;
      if (bits < 8) {
        value = row[x * (size_t)bits / 8] >> (8 - bits - (int)(x * (size_t)bits % 8)) & ((1u << bits) - 1);
      } else if (bits == 8) {
        value = row[first];
      } else {
        // As Pillow takes grey of 16 bits: clipped, not scaled.
        uint16_t level;
        memcpy(&level, row + 2 * first, 2);
        value = level > 255 ? 255 : level;
      }
      if (layout->photometric == PHOTOMETRIC_PALETTE) {
        memcpy(rgb, layout->palette[value], 3);
      } else {
        if (bits < 8) value *= 255u / ((1u << bits) - 1);
        if (layout->photometric == PHOTOMETRIC_MINISWHITE) value = 255 - value;
        memset(rgb, (int)value, 3);
      }
    } else if (layout->colours == 4) {
      uint8_t black = tiff_byte(row, first + 3, bits);
      for (int c = 0; c < 3; c++) rgb[c] = tiff_ink(tiff_byte(row, first + (size_t)c, bits), black);
    } else {
      for (int c = 0; c < 3; c++) rgb[c] = tiff_byte(row, first + (size_t)c, bits);
      if (layout->extra == EXTRASAMPLE_ASSOCALPHA) {
        // The colours were multiplied with the opacity.
        int alpha = tiff_byte(row, first + 3, bits);
        for (int c = 0; c < 3; c++) {
          int level = alpha == 0 ? 0 : rgb[c] * 255 / alpha;
          rgb[c] = level > 255 ? 255 : (uint8_t)level;
        }
      }
      if (layout->photometric == PHOTOMETRIC_YCBCR) tiff_luminance_to_rgb(rgb);
    }
  }
}

/// Puts the samples of one plane in their places between those of the others.
static void tiff_interleave(const uint8_t *plane, size_t count, size_t bytes, size_t stride, size_t sample,
                            uint8_t *row) {
  for (size_t x = 0; x < count; x++) memcpy(row + (x * stride + sample) * bytes, plane + x * bytes, bytes);
}

/// Pieces of the file: whole rows, or tiles.
static int tiff_decode(TIFF *tiff, const TiffLayout *layout, uint8_t *pixels, char *message) {
  uint32_t width = layout->width, height = layout->height, tileWidth = width, tileHeight = 1;
  int isTiled = TIFFIsTiled(tiff);
  if (isTiled) {
    TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &tileWidth);
    TIFFGetField(tiff, TIFFTAG_TILELENGTH, &tileHeight);
    if (tileWidth == 0 || tileHeight == 0 || tileWidth > 1u << 16 || tileHeight > 1u << 16)
      return tiff_refuse(message, "its tiles have an impossible size");
  }
  tmsize_t size = isTiled ? TIFFTileSize(tiff) : TIFFScanlineSize(tiff);
  tmsize_t lineSize = isTiled ? TIFFTileRowSize(tiff) : size;
  int isSeparate = layout->planar == PLANARCONFIG_SEPARATE && layout->samples > 1;
  size_t bytes = layout->bits == 16 ? 2 : 1, stride = layout->samples;
  size_t perPlane = isSeparate ? 1 : layout->samples;
  size_t needed = layout->bits < 8 ? ((size_t)tileWidth * layout->bits + 7) / 8 : (size_t)tileWidth * perPlane * bytes;
  if (size <= 0 || size > (tmsize_t)1 << 31 || (size_t)lineSize < needed || (size_t)size < needed * tileHeight)
    return tiff_refuse(message, message[0] ? message : "its rows have an impossible size");
  uint8_t *piece = malloc((size_t)size), *joined = NULL;
  size_t joinedLine = (size_t)tileWidth * stride * bytes;
  if (isSeparate) joined = malloc(joinedLine * tileHeight);
  if (piece == NULL || (isSeparate && joined == NULL)) {
    free(piece);
    free(joined);
    return tiff_refuse(message, "there is no memory for it");
  }
  int status = CODEC_OK;
  uint16_t planes = isSeparate ? layout->samples : 1;
  for (uint32_t y = 0; y < height && status == CODEC_OK; y += tileHeight) {
    for (uint32_t x = 0; x < width && status == CODEC_OK; x += tileWidth) {
      for (uint16_t plane = 0; plane < planes && status == CODEC_OK; plane++) {
        tmsize_t got = isTiled ? TIFFReadTile(tiff, piece, x, y, 0, plane) : TIFFReadScanline(tiff, piece, y, plane);
        if (got < 0) status = CODEC_ERROR;
        if (status == CODEC_OK && isSeparate)
          for (uint32_t line = 0; line < tileHeight; line++)
            tiff_interleave(piece + line * (size_t)lineSize, tileWidth, bytes, stride, plane,
                            joined + line * joinedLine);
      }
      if (status != CODEC_OK) break;
      uint32_t across = width - x < tileWidth ? width - x : tileWidth;
      uint32_t down = height - y < tileHeight ? height - y : tileHeight;
      for (uint32_t line = 0; line < down; line++)
        tiff_row(layout, isSeparate ? joined + line * joinedLine : piece + line * (size_t)lineSize, across, stride,
                 pixels + ((size_t)(y + line) * width + x) * 3);
    }
  }
  free(piece);
  free(joined);
  if (status != CODEC_OK && message[0] == 0) snprintf(message, CODEC_MESSAGE_SIZE, "the file ends too early");
  return status;
}

/// Whether Pillow takes luminance and colour differences as they stand in the file, and has its own integers for them.
static int tiff_is_plain_ycbcr(TIFF *tiff, const TiffLayout *layout) {
  uint16_t across = 2, down = 2;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_YCBCRSUBSAMPLING, &across, &down);
  return layout->compression == COMPRESSION_NONE && layout->planar == PLANARCONFIG_CONTIG && layout->bits == 8 &&
         across == 1 && down == 1;
}

/// Luminance and two colour differences that libtiff alone can put together.
static int tiff_decode_ycbcr(TIFF *tiff, const TiffLayout *layout, uint8_t *pixels, char *message) {
  TIFFRGBAImage image;
  char reason[1024] = "";
  if (!TIFFRGBAImageOK(tiff, reason) || !TIFFRGBAImageBegin(&image, tiff, 1, reason)) {
    snprintf(message, CODEC_MESSAGE_SIZE, "%.*s", CODEC_MESSAGE_SIZE - 1, reason);
    return CODEC_ERROR;
  }
  image.req_orientation = image.orientation;
  size_t count = (size_t)layout->width * layout->height;
  uint32_t *raster = malloc(count * sizeof *raster);
  int isRead = raster != NULL && TIFFRGBAImageGet(&image, raster, layout->width, layout->height);
  for (size_t i = 0; isRead && i < count; i++) {
    pixels[3 * i] = (uint8_t)TIFFGetR(raster[i]);
    pixels[3 * i + 1] = (uint8_t)TIFFGetG(raster[i]);
    pixels[3 * i + 2] = (uint8_t)TIFFGetB(raster[i]);
  }
  free(raster);
  TIFFRGBAImageEnd(&image);
  if (isRead) return CODEC_OK;
  if (message[0] == 0) snprintf(message, CODEC_MESSAGE_SIZE, "the file ends too early");
  return CODEC_ERROR;
}

int codec_inspect_tiff(const uint8_t *data, size_t length, uint32_t *width, uint32_t *height, int *orientation,
                       int *pages, char *message) {
  message[0] = 0;
  TiffSource source = {data, length, 0, message};
  TIFF *tiff = tiff_open(&source);
  if (tiff == NULL) {
    if (message[0] == 0) snprintf(message, CODEC_MESSAGE_SIZE, "its directory cannot be read");
    return CODEC_ERROR;
  }
  uint16_t turned = 1;
  *width = *height = 0;
  TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, width);
  TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, height);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_ORIENTATION, &turned);
  *orientation = turned;
  *pages = 1;
  // A file need not end its list of pages; nobody has to know how many more there are.
  while (*pages < 1000 && TIFFReadDirectory(tiff)) ++*pages;
  TIFFClose(tiff);
  message[0] = 0;
  return CODEC_OK;
}

int codec_decode_tiff(const uint8_t *data, size_t length, uint32_t width, uint32_t height, uint8_t *pixels,
                      char *message) {
  message[0] = 0;
  TiffSource source = {data, length, 0, message};
  TIFF *tiff = tiff_open(&source);
  if (tiff == NULL) return tiff_refuse(message, message[0] ? message : "its directory cannot be read");
  TiffLayout layout;
  int status = tiff_layout(tiff, &layout, message);
  if (status == CODEC_OK && (layout.width != width || layout.height != height))
    status = tiff_refuse(message, "the header changed while it was read");
  if (status == CODEC_OK) {
    message[0] = 0;
    int isYCbCr = layout.photometric == PHOTOMETRIC_YCBCR;
    if (isYCbCr && layout.compression == COMPRESSION_JPEG && layout.planar == PLANARCONFIG_CONTIG) {
      TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
      layout.photometric = PHOTOMETRIC_RGB;
      isYCbCr = 0;
    }
    if (isYCbCr && tiff_is_plain_ycbcr(tiff, &layout)) isYCbCr = 0;
    status = isYCbCr ? tiff_decode_ycbcr(tiff, &layout, pixels, message) : tiff_decode(tiff, &layout, pixels, message);
  }
  TIFFClose(tiff);
  return status;
}
