// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>
#include <zlib.h>

// zlib counts in 32 bits: longer buffers are handed over piece by piece.
static inline uInt zlib_piece(size_t count) { return count > 1u << 30 ? 1u << 30 : (uInt)count; }

/// Decompresses gzip members one after another, or one zlib stream, told apart by their headers.
///
/// Returns Z_OK with the number of bytes in `written`, Z_BUF_ERROR where `capacity` is too small or the
/// source ends too early, or what else zlib says.
static inline int zlib_decompress(const void *source, size_t length, void *target, size_t capacity,
                                  size_t *written) {
  z_stream stream = {0};
  int code = inflateInit2(&stream, 15 + 32);
  if (code != Z_OK) return code;
  size_t read = 0, done = 0;
  while (1) {
    stream.next_in = (Bytef *)source + read;
    stream.avail_in = zlib_piece(length - read);
    stream.next_out = (Bytef *)target + done;
    stream.avail_out = zlib_piece(capacity - done);
    const uInt given = stream.avail_in, room = stream.avail_out;
    code = inflate(&stream, Z_NO_FLUSH);
    read += given - stream.avail_in;
    done += room - stream.avail_out;
    if (code == Z_STREAM_END) {
      if (read == length) break;
      code = inflateReset(&stream);
      if (code != Z_OK) break;
    } else if (code != Z_OK) {
      break;
    }
  }
  inflateEnd(&stream);
  *written = done;
  return code == Z_STREAM_END ? Z_OK : code == Z_OK ? Z_BUF_ERROR : code;
}

/// How many bytes zlib_compress may need.
static inline size_t zlib_bound(size_t length) { return length + length / 1000 + 64 + length / 16384 * 5; }

/// Compresses to one gzip member, without a time so that equal bytes stay equal, or to one zlib stream.
static inline int zlib_compress(const void *source, size_t length, void *target, size_t capacity,
                                int level, int gzip, size_t *written) {
  z_stream stream = {0};
  int code = deflateInit2(&stream, level, Z_DEFLATED, gzip ? 15 + 16 : 15, 8, Z_DEFAULT_STRATEGY);
  if (code != Z_OK) return code;
  size_t read = 0, done = 0;
  while (1) {
    stream.next_in = (Bytef *)source + read;
    stream.avail_in = zlib_piece(length - read);
    stream.next_out = (Bytef *)target + done;
    stream.avail_out = zlib_piece(capacity - done);
    const uInt given = stream.avail_in, room = stream.avail_out;
    code = deflate(&stream, read + given == length ? Z_FINISH : Z_NO_FLUSH);
    read += given - stream.avail_in;
    done += room - stream.avail_out;
    if (code == Z_STREAM_END) break;
    if (code != Z_OK || (given == stream.avail_in && room == stream.avail_out)) break;
  }
  deflateEnd(&stream);
  *written = done;
  return code == Z_STREAM_END ? Z_OK : code == Z_OK ? Z_BUF_ERROR : code;
}
