#include "CImageCodecs.h"

#include <stdio.h>
#include <string.h>
#include <webp/demux.h>

int codec_decode_webp(const uint8_t *data, size_t length, int width, int height, uint8_t *pixels, int *frames,
                      char *message) {
  message[0] = 0;
  WebPAnimDecoderOptions options;
  WebPAnimDecoderOptionsInit(&options);
  options.color_mode = MODE_RGBA;
  WebPData file = {data, length};
  WebPAnimDecoder *decoder = WebPAnimDecoderNew(&file, &options);
  WebPAnimInfo info;
  if (decoder == NULL || !WebPAnimDecoderGetInfo(decoder, &info)) {
    snprintf(message, CODEC_MESSAGE_SIZE, "libwebp cannot read its chunks");
    WebPAnimDecoderDelete(decoder);
    return CODEC_ERROR;
  }
  uint8_t *canvas = NULL;
  int time = 0, status = CODEC_ERROR;
  *frames = (int)info.frame_count;
  if (info.canvas_width != (uint32_t)width || info.canvas_height != (uint32_t)height) {
    snprintf(message, CODEC_MESSAGE_SIZE, "its header and its canvas differ in size");
  } else if (!WebPAnimDecoderGetNext(decoder, &canvas, &time)) {
    snprintf(message, CODEC_MESSAGE_SIZE, "its picture cannot be decoded");
  } else {
    size_t count = (size_t)width * (size_t)height;
    for (size_t i = 0; i < count; i++) memcpy(pixels + 3 * i, canvas + 4 * i, 3);
    status = CODEC_OK;
  }
  WebPAnimDecoderDelete(decoder);
  return status;
}
