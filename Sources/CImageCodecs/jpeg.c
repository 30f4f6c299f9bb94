#include "CImageCodecs.h"

#include <stdio.h>
#include <string.h>
#include <turbojpeg.h>

/// Whether a message is one of libjpeg's warnings. TurboJPEG calls an error a warning too where a warning came before it, and
/// only the text tells.
static int is_warning(const char *message) {
  static const char *const starts[] = {
      "Corrupt JPEG data",      "Premature end of JPEG file", "Inconsistent progression sequence",
      "Invalid SOS parameters", "Unknown Adobe color",        "Warning:",
  };
  for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
    if (strncmp(message, starts[i], strlen(starts[i])) == 0) return 1;
  return 0;
}

int codec_decode_jpeg(const uint8_t *data, size_t length, int channels, int width, int height, uint8_t *pixels,
                      char *message) {
  message[0] = 0;
  tjhandle decoder = tjInitDecompress();
  if (decoder == NULL) {
    snprintf(message, CODEC_MESSAGE_SIZE, "%s", tjGetErrorStr2(NULL));
    return CODEC_ERROR;
  }
  // tjDecompressHeader3 is not called: it refuses unusual chroma subsampling, which the decoder itself can do.
  int failed = tjDecompress2(decoder, data, (unsigned long)length, pixels, width, 0, height,
                             channels == 4 ? TJPF_CMYK : TJPF_RGB, TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS);
  int status = CODEC_OK;
  if (failed) {
    snprintf(message, CODEC_MESSAGE_SIZE, "%s", tjGetErrorStr2(decoder));
    status = tjGetErrorCode(decoder) == TJERR_WARNING && is_warning(message) ? CODEC_WARNING : CODEC_ERROR;
  }
  tjDestroy(decoder);
  return status;
}

size_t codec_jpeg_bound(int width, int height) { return (size_t)tjBufSize(width, height, TJSAMP_444); }

int codec_encode_jpeg(const uint8_t *pixels, int width, int height, int quality, uint8_t *data, size_t *length,
                      char *message) {
  message[0] = 0;
  tjhandle encoder = tjInitCompress();
  if (encoder == NULL) {
    snprintf(message, CODEC_MESSAGE_SIZE, "%s", tjGetErrorStr2(NULL));
    return CODEC_ERROR;
  }
  unsigned long size = (unsigned long)*length;
  int failed = tjCompress2(encoder, pixels, width, 0, height, TJPF_RGB, &data, &size, TJSAMP_444, quality,
                           TJFLAG_ACCURATEDCT | TJFLAG_NOREALLOC);
  if (failed) snprintf(message, CODEC_MESSAGE_SIZE, "%s", tjGetErrorStr2(encoder));
  *length = (size_t)size;
  tjDestroy(encoder);
  return failed ? CODEC_ERROR : CODEC_OK;
}
