/* The names of zlib's functions, for librdkafka's configure script and for its shared library, which nobody uses. A
 * program that linked them by mistake would end at the first call. */

#include <stdlib.h>
#include <zlib.h>

uLong crc32(uLong crc, const Bytef *buffer, uInt length) {
    abort();
}
int deflate(z_streamp stream, int flush) {
    abort();
}
uLong deflateBound(z_streamp stream, uLong length) {
    abort();
}
int deflateEnd(z_streamp stream) {
    abort();
}
int deflateInit2_(z_streamp stream, int level, int method, int window_bits, int memory_level, int strategy,
                  const char *version, int stream_size) {
    abort();
}
int inflate(z_streamp stream, int flush) {
    abort();
}
int inflateEnd(z_streamp stream) {
    abort();
}
int inflateInit2_(z_streamp stream, int window_bits, const char *version, int stream_size) {
    abort();
}
