// JPEG and PNG decoding with statuses instead of jumps: TurboJPEG and libpng behind two functions.
#ifndef PALIMPSEST_CIMAGECODECS_H
#define PALIMPSEST_CIMAGECODECS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  /// The pixels are complete.
  CODEC_OK = 0,
  /// The decoder went on over damaged data; `message` holds its first warning.
  CODEC_WARNING = 1,
  /// Nothing usable was decoded; `message` says why.
  CODEC_ERROR = 2,
};

/// Bytes a caller provides for the text of a warning or an error.
#define CODEC_MESSAGE_SIZE 256

/// Decodes a JPEG file held in memory: accurate integer DCT, smooth chroma upsampling, as libjpeg does by default.
/// `channels` is 3 for RGB (of a grey or colour file) or 4 for CMYK as stored (of a CMYK or YCCK file). `pixels` is borrowed,
/// holds width × height × channels bytes, row by row, and `width` and `height` must be those of the file.
int codec_decode_jpeg(const uint8_t *data, size_t length, int channels, int width, int height, uint8_t *pixels,
                      char *message);

/// Decodes a PNG file held in memory to 8-bit RGB as Pillow's convert("RGB") does: alpha and tRNS dropped, colour of 16 bits
/// cut to its high byte, grey of 16 bits clipped at 255, no gamma. `pixels` is borrowed, holds width × height × 3 bytes, and
/// `width` and `height` must be those of the file.
int codec_decode_png(const uint8_t *data, size_t length, uint32_t width, uint32_t height, uint8_t *pixels,
                     char *message);

#ifdef __cplusplus
}
#endif

#endif
