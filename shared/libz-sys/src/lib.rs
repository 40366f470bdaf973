//! zlib for librdkafka, which is zlib-rs: it makes gzip of the same ratio with half of the instructions.
//!
//! rdkafka-sys depends on the crate libz-sys, which compiles zlib in C. So this crate takes its name and its place.
//! Cargo links zlib-rs, whose functions have zlib's names. librdkafka is compiled before that: it needs `zlib.h`, and its
//! configure script needs a `libz.a` to see that there is a zlib. `build.rs` gives it both.

// Links it.
use libz_rs_sys as _;
