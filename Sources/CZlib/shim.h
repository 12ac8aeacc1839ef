#ifndef APUS_CZLIB_SHIM_H
#define APUS_CZLIB_SHIM_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>

// zlib's own types stay in here: other modules show them to Swift too, and it counts them as those of only one.

enum {
    apus_inflate_goes_on = 0,
    apus_inflate_ended = 1,
    apus_inflate_needs_more = 2,
    apus_inflate_broken = 3
};

// A stream that takes gzip; NULL: zlib cannot be used. To be closed.
static inline void *apus_inflate_open(void) {
    z_stream *stream = (z_stream *)calloc(1, sizeof(z_stream));
    if (stream == NULL) return NULL;
    // 15 bits of window, and 16 for a gzip header.
    if (inflateInit2(stream, 15 + 16) != Z_OK) {
        free(stream);
        return NULL;
    }
    return stream;
}

static inline void apus_inflate_close(void *stream) {
    inflateEnd((z_stream *)stream);
    free(stream);
}

// Gets ready for the next of several in a row.
static inline void apus_inflate_reset(void *stream) { inflateReset((z_stream *)stream); }

// Takes bytes and gives what they hold. The sizes say how much there is, and afterwards how much was used.
static inline int apus_inflate_step(
    void *stream, const uint8_t *input, size_t *input_size, uint8_t *output, size_t *output_size) {
    z_stream *inner = (z_stream *)stream;
    uInt given = *input_size > UINT32_MAX ? UINT32_MAX : (uInt)*input_size;
    uInt room = *output_size > UINT32_MAX ? UINT32_MAX : (uInt)*output_size;
    inner->next_in = (Bytef *)input;  // zlib does not write to it
    inner->avail_in = given;
    inner->next_out = output;
    inner->avail_out = room;
    int status = inflate(inner, Z_NO_FLUSH);
    *input_size = given - inner->avail_in;
    *output_size = room - inner->avail_out;
    inner->next_in = NULL;
    switch (status) {
    case Z_OK: return apus_inflate_goes_on;
    case Z_STREAM_END: return apus_inflate_ended;
    case Z_BUF_ERROR: return apus_inflate_needs_more;
    default: return apus_inflate_broken;
    }
}

#endif
