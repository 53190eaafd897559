// SPDX-License-Identifier: Apache-2.0

#include "CPNG.h"

#include <errno.h>
#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void keep_error(png_structp png, png_const_charp text) {
  CPNGImage *image = png_get_error_ptr(png);
  snprintf(image->message, sizeof image->message, "%s", text);
  png_longjmp(png, 1);
}

static void drop_warning(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static int is_native_little_endian(void) {
  const uint16_t one = 1;
  return *(const uint8_t *)&one == 1;
}

static size_t samples_of_pixel(uint8_t colorType) {
  switch (colorType) {
    case CPNG_RGB: return 3;
    case CPNG_GRAY_ALPHA: return 2;
    case CPNG_RGB_ALPHA: return 4;
    default: return 1;
  }
}

static FILE *open_file(const char *path, const char *mode, CPNGImage *image) {
  image->message[0] = 0;
  FILE *file = fopen(path, mode);
  if (file == NULL) snprintf(image->message, sizeof image->message, "%s", strerror(errno));
  return file;
}

// With `samples` reads them too, after comparing the header with the one in `image`.
static int read_file(const char *path, CPNGImage *image, uint8_t *samples, size_t byteCount) {
  FILE *file = open_file(path, "rb", image);
  if (file == NULL) return 0;
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, image, keep_error, drop_warning);
  png_infop info = png == NULL ? NULL : png_create_info_struct(png);
  png_bytep *volatile rows = NULL;
  if (info == NULL || setjmp(png_jmpbuf(png))) {
    if (image->message[0] == 0) snprintf(image->message, sizeof image->message, "out of memory");
    free((void *)rows);
    if (png != NULL) png_destroy_read_struct(&png, info == NULL ? NULL : &info, NULL);
    fclose(file);
    return 0;
  }
  png_init_io(png, file);
  png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
  png_read_info(png, info);
  CPNGImage header = {
      .width = png_get_image_width(png, info),
      .height = png_get_image_height(png, info),
      .bitDepth = png_get_bit_depth(png, info),
      .colorType = png_get_color_type(png, info),
  };
  if (samples == NULL) {
    *image = header;
  } else {
    if (header.width != image->width || header.height != image->height ||
        header.bitDepth != image->bitDepth || header.colorType != image->colorType)
      png_error(png, "the file changed while it was read");
    size_t rowBytes =
        (size_t)header.width * samples_of_pixel(header.colorType) * (header.bitDepth == 16 ? 2 : 1);
    if (rowBytes * header.height != byteCount) png_error(png, "the buffer has another size");
    png_set_packing(png);
    if (header.bitDepth == 16 && is_native_little_endian()) png_set_swap(png);
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
    if (png_get_rowbytes(png, info) != rowBytes) png_error(png, "unexpected length of a row");
    rows = malloc(header.height * sizeof *rows);
    if (rows == NULL) png_error(png, "out of memory");
    for (size_t row = 0; row < header.height; row++) rows[row] = samples + row * rowBytes;
    png_read_image(png, (png_bytepp)rows);
    png_read_end(png, NULL);
  }
  free((void *)rows);
  png_destroy_read_struct(&png, &info, NULL);
  fclose(file);
  return 1;
}

int cpng_read_header(const char *path, CPNGImage *image) { return read_file(path, image, NULL, 0); }

int cpng_read(const char *path, CPNGImage *image, uint8_t *samples, size_t byteCount) {
  return read_file(path, image, samples, byteCount);
}

int cpng_write(const char *path, CPNGImage *image, const uint8_t *samples, size_t byteCount) {
  size_t rowBytes =
      (size_t)image->width * samples_of_pixel(image->colorType) * (image->bitDepth == 16 ? 2 : 1);
  if (rowBytes * image->height != byteCount) {
    snprintf(image->message, sizeof image->message, "the buffer has another size");
    return 0;
  }
  FILE *file = open_file(path, "wb", image);
  if (file == NULL) return 0;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, image, keep_error, drop_warning);
  png_infop info = png == NULL ? NULL : png_create_info_struct(png);
  if (info == NULL || setjmp(png_jmpbuf(png))) {
    if (image->message[0] == 0) snprintf(image->message, sizeof image->message, "out of memory");
    if (png != NULL) png_destroy_write_struct(&png, info == NULL ? NULL : &info);
    fclose(file);
    return 0;
  }
  png_init_io(png, file);
  png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
  png_set_IHDR(png, info, image->width, image->height, image->bitDepth, image->colorType,
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  if (image->bitDepth == 16 && is_native_little_endian()) png_set_swap(png);
  for (size_t row = 0; row < image->height; row++) png_write_row(png, samples + row * rowBytes);
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  if (fclose(file) != 0) {
    snprintf(image->message, sizeof image->message, "%s", strerror(errno));
    return 0;
  }
  return 1;
}
