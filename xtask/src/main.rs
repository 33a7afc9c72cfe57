//! `cargo xtask …`: build, serve, test, bench, size.
fn main() {}
