//! Lays out what rdkafka-sys expects of zlib: `include/zlib.h` and `lib/libz.a` in one folder.

use std::{env, error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("OUT_DIR")?);
    let (include, lib) = (root.join("include"), root.join("lib"));
    fs::create_dir_all(&include)?;
    fs::create_dir_all(&lib)?;
    fs::copy("zlib.h", include.join("zlib.h"))?;
    // No program links it, since Cargo is not told of it.
    cc::Build::new()
        .file("names.c")
        .include(&include)
        .out_dir(&lib)
        .warnings(false)
        .cargo_metadata(false)
        .try_compile("z")?;
    for file in ["names.c", "zlib.h"] {
        println!("cargo:rerun-if-changed={file}");
    }
    println!("cargo:root={}", root.display());
    Ok(())
}
