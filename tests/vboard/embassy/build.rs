// SPDX-License-Identifier: Apache-2.0
//! The memory of the part, for cortex-m-rt's linker script.
use std::{env, fs, path::Path};

fn main() {
    let ram = if env::var("CARGO_FEATURE_NRF5340").is_ok() { "512K" } else { "256K" };
    let out = env::var("OUT_DIR").unwrap();
    fs::write(
        Path::new(&out).join("memory.x"),
        format!("MEMORY {{ FLASH : ORIGIN = 0, LENGTH = 1M RAM : ORIGIN = 0x20000000, LENGTH = {ram} }}\n"),
    )
    .unwrap();
    println!("cargo:rustc-link-search={out}");
    println!("cargo:rustc-link-arg=-Tlink.x");
    println!("cargo:rustc-link-arg=--nmagic");
}
