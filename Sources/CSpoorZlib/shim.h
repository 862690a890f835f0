/* The part of zlib that Spoor uses, by names of its own: zlib gives deflateInit2 only as a macro, which Swift cannot
 * call.
 */
#ifndef SPOOR_CZLIB_SHIM_H
#define SPOOR_CZLIB_SHIM_H

#if !__has_include(<zlib.h>)
#error "Spoor needs the headers of zlib to compress what it reports: install zlib1g-dev (Debian, Ubuntu) or zlib-devel (Fedora)"
#endif

#include <stddef.h>
#include <zlib.h>

/* Returns the maximum size of a gzip member with the given number of bytes as content. */
static inline size_t spoor_gzip_bound(size_t count) {
    /* compressBound counts zlib's head and tail of 6 bytes; those of gzip (RFC 1952) have 18. */
    return compressBound(count) + 18;
}

/* Writes one gzip member and returns how many bytes it has; 0 if there is no memory, or no room. */
static inline size_t spoor_gzip(
    const unsigned char *input, size_t inputCount, unsigned char *output, size_t outputCount, int level) {
    if (inputCount > (uInt)-1 || outputCount > (uInt)-1) {
        return 0;
    }
    z_stream stream = {0};
    /* 15 bits of window, and 16 for gzip's head and tail; 8 is the usual share of memory. */
    if (deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        return 0;
    }
    stream.next_in = (z_const Bytef *)input;
    stream.avail_in = (uInt)inputCount;
    stream.next_out = output;
    stream.avail_out = (uInt)outputCount;
    int result = deflate(&stream, Z_FINISH);
    size_t written = stream.total_out;
    deflateEnd(&stream);
    return result == Z_STREAM_END ? written : 0;
}

/* Undoes gzip members (isGzip; several in a row are one text, RFC 1952 section 2.2) or one zlib stream that take all of the
 * input. Returns how many bytes come out; -1 if they do not fit, -2 if the input is malformed or ends early, or if there is
 * no memory.
 */
static inline ptrdiff_t spoor_inflate(
    const unsigned char *input, size_t inputCount, unsigned char *output, size_t outputCount, int isGzip) {
    if (inputCount > (uInt)-1 || outputCount > (uInt)-1) {
        return -2;
    }
    z_stream stream = {0};
    if (inflateInit2(&stream, isGzip ? 15 + 16 : 15) != Z_OK) {
        return -2;
    }
    stream.next_in = (z_const Bytef *)input;
    stream.avail_in = (uInt)inputCount;
    stream.next_out = output;
    stream.avail_out = (uInt)outputCount;
    int result = inflate(&stream, Z_FINISH);
    while (result == Z_STREAM_END && isGzip && stream.avail_in > 0 && inflateReset(&stream) == Z_OK) {
        result = inflate(&stream, Z_FINISH);
    }
    /* total_out starts at 0 for each member. */
    size_t written = outputCount - stream.avail_out;
    int isAllRead = stream.avail_in == 0;
    int isFull = stream.avail_out == 0;
    inflateEnd(&stream);
    if (result == Z_STREAM_END) {
        return isAllRead ? (ptrdiff_t)written : -2;
    }
    return isFull && (result == Z_OK || result == Z_BUF_ERROR) ? -1 : -2;
}

#endif
