/* The part of zlib's interface that librdkafka uses (https://zlib.net/manual.html). */

#ifndef XZEPR_ZLIB_H
#define XZEPR_ZLIB_H

#define ZLIB_VERSION "1.3.0"

#define Z_NO_FLUSH 0
#define Z_FINISH 4
#define Z_OK 0
#define Z_STREAM_END 1
#define Z_NEED_DICT 2
#define Z_STREAM_ERROR (-2)
#define Z_DATA_ERROR (-3)
#define Z_MEM_ERROR (-4)
#define Z_BUF_ERROR (-5)
#define Z_DEFLATED 8
#define Z_DEFAULT_COMPRESSION (-1)
#define Z_DEFAULT_STRATEGY 0

typedef unsigned char Bytef;
typedef unsigned int uInt;
typedef unsigned long uLong;

typedef struct {
    const Bytef *next_in;
    uInt avail_in;
    uLong total_in;
    Bytef *next_out;
    uInt avail_out;
    uLong total_out;
    const char *msg;
    void *state;
    void *(*zalloc)(void *opaque, uInt items, uInt size);
    void (*zfree)(void *opaque, void *address);
    void *opaque;
    int data_type;
    uLong adler;
    uLong reserved;
} z_stream;
typedef z_stream *z_streamp;

/* zlib-rs refuses a stream of another version or size. */
#define deflateInit2(stream, level, method, window_bits, memory_level, strategy) \
    deflateInit2_(stream, level, method, window_bits, memory_level, strategy, ZLIB_VERSION, (int)sizeof(z_stream))
#define inflateInit2(stream, window_bits) inflateInit2_(stream, window_bits, ZLIB_VERSION, (int)sizeof(z_stream))

uLong crc32(uLong crc, const Bytef *buffer, uInt length);
int deflate(z_streamp stream, int flush);
uLong deflateBound(z_streamp stream, uLong length);
int deflateEnd(z_streamp stream);
int deflateInit2_(z_streamp stream, int level, int method, int window_bits, int memory_level, int strategy,
                  const char *version, int stream_size);
int inflate(z_streamp stream, int flush);
int inflateEnd(z_streamp stream);
int inflateInit2_(z_streamp stream, int window_bits, const char *version, int stream_size);

#endif
