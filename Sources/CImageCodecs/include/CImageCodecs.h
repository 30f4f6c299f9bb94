// JPEG, PNG, WebP and TIFF with statuses instead of jumps (TurboJPEG, libpng, libwebp and libtiff), the filters of PNG, and the
// two inner loops of resampling, in C because only here can they be compiled for wider vectors than the oldest machine has.
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

/// Bytes that a JPEG of this size can take at most, colour not subsampled.
size_t codec_jpeg_bound(int width, int height);

/// Encodes RGB pixels, row by row, as JPEG with colour not subsampled. Both pointers are borrowed; `length` says how many bytes
/// `data` has room for, at least `codec_jpeg_bound`, and is set to how many were written.
int codec_encode_jpeg(const uint8_t *pixels, int width, int height, int quality, uint8_t *data, size_t *length,
                      char *message);

/// Decodes a PNG file held in memory to 8-bit RGB as Pillow's convert("RGB") does: alpha and tRNS dropped, colour of 16 bits
/// cut to its high byte, grey of 16 bits clipped at 255, no gamma. `pixels` is borrowed, holds width × height × 3 bytes, and
/// `width` and `height` must be those of the file.
int codec_decode_png(const uint8_t *data, size_t length, uint32_t width, uint32_t height, uint8_t *pixels,
                     char *message);

/// Decodes the first frame of a WebP file held in memory to RGB as Pillow does: opacity dropped. `frames` is set to how many
/// there are. `pixels` is borrowed, holds width × height × 3 bytes, and `width` and `height` must be those of the file.
int codec_decode_webp(const uint8_t *data, size_t length, int width, int height, uint8_t *pixels, int *frames,
                      char *message);

/// The size of the first page of a TIFF file held in memory, its orientation (1 to 8; 1 where none is given), and how many pages
/// there are, 1000 at most.
int codec_inspect_tiff(const uint8_t *data, size_t length, uint32_t *width, uint32_t *height, int *orientation,
                       int *pages, char *message);

/// Decodes the first page of a TIFF file held in memory to 8-bit RGB as Pillow's convert("RGB") does, but for the orientation,
/// which is not applied: opacity dropped, colour of 16 bits cut to its high byte, grey of 16 bits clipped at 255, CMYK by
/// Pillow's integers. `message` says why where the kind of file is not supported. `pixels` is borrowed, holds width × height × 3
/// bytes, and `width` and `height` must be those of the file.
int codec_decode_tiff(const uint8_t *data, size_t length, uint32_t width, uint32_t height, uint8_t *pixels,
                      char *message);

/// Rows of bytes as a PNG stores them before it compresses them: each under the one of PNG's five filters that promises the
/// smallest file, with the filter's number in front. `pixel_bytes` is how many bytes a pixel has; `by_information` chooses by
/// how much the bytes tell, which suits long rows and drawings, else by the sum of their magnitudes, which suits photographs.
/// Both pointers are borrowed; `lines` holds (`row_bytes` + 1) × `rows` bytes. Fails only where there is no memory.
int codec_filter_png(const uint8_t *pixels, size_t row_bytes, size_t rows, size_t pixel_bytes, int by_information,
                     uint8_t *lines);

/// Taps in a group of horizontal weights, and numbers a group takes: each weight three times, once a channel, then zeros.
#define RESAMPLE_GROUP_TAPS 4
#define RESAMPLE_GROUP_SIZE 16
/// Bytes that `line` has beyond a row: the last group reads past it, at weight zero.
#define RESAMPLE_LINE_MARGIN 32

/// Rows of RGB pixels made shorter or longer: output pixel i of a row sums `groups[i]` groups of taps from pixel `starts[i]`
/// on, adds half and shifts by `precision`, and is clipped to a byte. `weights` holds `stride` numbers an output; `source`
/// has `source_stride` bytes a row of which `row_bytes` are pixels; `line` is scratch of `row_bytes` + RESAMPLE_LINE_MARGIN.
/// Every pointer is borrowed.
void codec_resample_rows(const uint8_t *source, size_t source_stride, size_t row_bytes, size_t rows,
                         const int32_t *starts, const int32_t *groups, const int32_t *weights, size_t stride,
                         size_t outputs, int precision, uint8_t *line, uint8_t *target);

/// Columns made shorter or longer: row i of `target`, `row_bytes` long, sums `counts[i]` rows of `source` from `starts[i]`
/// on, adds half and shifts by `precision`, and is clipped to bytes. Rows of `source` are `source_stride` bytes apart.
/// Every pointer is borrowed.
void codec_resample_columns(const uint8_t *source, size_t source_stride, size_t row_bytes, const int32_t *starts,
                            const int32_t *counts, const int32_t *weights, size_t stride, size_t outputs,
                            int precision, uint8_t *target);

#ifdef __cplusplus
}
#endif

#endif
