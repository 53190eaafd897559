// SPDX-License-Identifier: Apache-2.0
//
// The door to libpng. libpng reports errors by longjmp, which must not cross Swift frames: each
// function here runs a whole conversation with the library and returns 1, or 0 and a message.
#pragma once
#include <stddef.h>
#include <stdint.h>

#define CPNG_GRAY 0
#define CPNG_RGB 2
#define CPNG_PALETTE 3
#define CPNG_GRAY_ALPHA 4
#define CPNG_RGB_ALPHA 6

/// What the header of a file says, and the error of the last call.
typedef struct {
  uint32_t width;
  uint32_t height;
  /// Bits of one sample: 1, 2, 4, 8 or 16.
  uint8_t bitDepth;
  /// One of the `CPNG_` numbers above.
  uint8_t colorType;
  char message[256];
} CPNGImage;

/// Reads the header into `image`.
int cpng_read_header(const char *path, CPNGImage *image);

/// Reads the samples of a file whose header is `image`: one byte a sample, two in native order at
/// 16 bits, none scaled, palette samples as the index.
///
/// `byteCount` must be width × height × samples of a pixel × bytes of a sample, and the header must
/// still be the same; else the file is refused.
int cpng_read(const char *path, CPNGImage *image, uint8_t *samples, size_t byteCount);

/// Writes samples laid out as `cpng_read` gives them, at 8 or 16 bits.
int cpng_write(const char *path, CPNGImage *image, const uint8_t *samples, size_t byteCount);
