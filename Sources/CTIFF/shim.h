// SPDX-License-Identifier: Apache-2.0
//
// The door to libtiff: its variadic functions under fixed signatures, and its error reports kept
// beside the handle that they belong to, so that handles on several threads never mix theirs.
#pragma once
#include <stdarg.h>
#include <stdio.h>
#include <tiffio.h>

/// The first error that a handle reported; empty while there is none.
typedef struct {
  char text[512];
} CTIFFMessage;

static inline int ctiff_keep_error(TIFF *tiff, void *user, const char *module, const char *format,
                                   va_list arguments) {
  (void)tiff;
  (void)module;
  CTIFFMessage *message = (CTIFFMessage *)user;
  if (message->text[0] == 0) vsnprintf(message->text, sizeof message->text, format, arguments);
  return 1;
}

static inline int ctiff_drop_warning(TIFF *tiff, void *user, const char *module,
                                     const char *format, va_list arguments) {
  (void)tiff;
  (void)user;
  (void)module;
  (void)format;
  (void)arguments;
  return 1;
}

/// Opens a file; its errors go to `message`, which must outlive the handle.
static inline TIFF *ctiff_open(const char *path, const char *mode, CTIFFMessage *message) {
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
  if (options == NULL) return NULL;
  TIFFOpenOptionsSetErrorHandlerExtR(options, ctiff_keep_error, message);
  TIFFOpenOptionsSetWarningHandlerExtR(options, ctiff_drop_warning, NULL);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)4 << 30);
  TIFF *tiff = TIFFOpenExt(path, mode, options);
  TIFFOpenOptionsFree(options);
  return tiff;
}

static inline int ctiff_get_u16(TIFF *tiff, uint32_t tag, uint16_t *value) {
  return TIFFGetFieldDefaulted(tiff, tag, value);
}

static inline int ctiff_get_u32(TIFF *tiff, uint32_t tag, uint32_t *value) {
  return TIFFGetFieldDefaulted(tiff, tag, value);
}

/// The text of a tag, owned by the handle until its next directory, or NULL.
static inline const char *ctiff_get_text(TIFF *tiff, uint32_t tag) {
  char *text = NULL;
  return TIFFGetField(tiff, tag, &text) ? text : NULL;
}

static inline int ctiff_set_u16(TIFF *tiff, uint32_t tag, uint16_t value) {
  return TIFFSetField(tiff, tag, (int)value);
}

static inline int ctiff_set_u32(TIFF *tiff, uint32_t tag, uint32_t value) {
  return TIFFSetField(tiff, tag, value);
}

static inline int ctiff_set_double(TIFF *tiff, uint32_t tag, double value) {
  return TIFFSetField(tiff, tag, value);
}

static inline int ctiff_set_text(TIFF *tiff, uint32_t tag, const char *text) {
  return TIFFSetField(tiff, tag, text);
}
