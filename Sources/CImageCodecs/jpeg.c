#include "CImageCodecs.h"

#include <stdio.h>
#include <turbojpeg.h>

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
    status = tjGetErrorCode(decoder) == TJERR_WARNING ? CODEC_WARNING : CODEC_ERROR;
    snprintf(message, CODEC_MESSAGE_SIZE, "%s", tjGetErrorStr2(decoder));
  }
  tjDestroy(decoder);
  return status;
}
