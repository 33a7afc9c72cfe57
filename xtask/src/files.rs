//! Files and folders: where things are, listing, copying, content hashes, gzip.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// Names another root, for the build that is compared with this one (`reproducible`).
pub const ROOT_VARIABLE: &str = "OCELLI_ROOT";

/// The repository's root.
pub fn root() -> PathBuf {
    if let Some(root) = std::env::var_os(ROOT_VARIABLE) {
        return root.into();
    }
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("xtask lies in the root").to_owned()
}

/// Cargo's target directory, wherever the user keeps it.
pub fn target_dir() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR").or_else(|| std::env::var_os("CARGO_BUILD_TARGET_DIR")) {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// All files under `dir`, as paths relative to it with `/`, sorted.
pub fn list(dir: &Path) -> Result<Vec<String>> {
    fn walk(dir: &Path, prefix: &str, found: &mut Vec<String>) -> Result<()> {
        for entry in fs::read_dir(dir).with_context(|| format!("could not list {}", dir.display()))? {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                walk(&entry.path(), &format!("{name}/"), found)?;
            } else {
                found.push(name);
            }
        }
        Ok(())
    }
    let mut found = Vec::new();
    walk(dir, "", &mut found)?;
    found.sort();
    Ok(found)
}

/// Reads a file; the error names it.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("could not read {}", path.display()))
}

/// Reads a text file; the error names it.
pub fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))
}

/// Writes a file, and the folders above it, unless it holds just that already.
pub fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Result<()> {
    let bytes = bytes.as_ref();
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir)?;
    }
    fs::write(path, bytes).with_context(|| format!("could not write {}", path.display()))
}

/// A name for content: the first 16 hexadecimal digits of the SHA-256 of all names and bytes.
pub struct ContentHash(Sha256);

impl ContentHash {
    /// The hash of nothing yet.
    pub fn new() -> ContentHash {
        ContentHash(Sha256::new())
    }

    /// Adds one named content. Lengths keep neighbors apart.
    pub fn add(&mut self, name: &str, bytes: &[u8]) {
        self.0.update((name.len() as u64).to_le_bytes());
        self.0.update(name);
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    /// Adds a file, or all files under a folder; what is missing counts as empty.
    pub fn add_path(&mut self, name: &str) -> Result<()> {
        let path = root().join(name);
        if path.is_dir() {
            for file in list(&path)? {
                self.add(&format!("{name}/{file}"), &read(&path.join(&file))?);
            }
        } else if path.is_file() {
            self.add(name, &read(&path)?);
        }
        Ok(())
    }

    /// The name.
    pub fn finish(self) -> String {
        let digest = self.0.finalize();
        digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What `fetch` compares a file with.
pub fn integrity(bytes: &[u8]) -> String {
    format!("sha256-{}", base64(&Sha256::digest(bytes)))
}

/// Base 64, with padding.
pub fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits =
            group.iter().enumerate().fold(0, |bits, (i, &byte)| bits | u32::from(byte) << (16 - 8 * i));
        for i in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * i)) as usize & 63];
            text.push(if i > group.len() { '=' } else { char::from(digit) });
        }
    }
    text
}

/// Gzip, level 9, without time or name: the same bytes every time.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).expect("writing into memory cannot fail");
    encoder.finish().expect("writing into memory cannot fail")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_hash_keeps_neighbors_apart() {
        let hash = |parts: &[(&str, &[u8])]| {
            let mut hash = ContentHash::new();
            parts.iter().for_each(|(name, bytes)| hash.add(name, bytes));
            hash.finish()
        };
        assert_eq!(hash(&[("a", b"bc")]), hash(&[("a", b"bc")]));
        assert_ne!(hash(&[("a", b"bc")]), hash(&[("ab", b"c")]));
        assert_ne!(hash(&[("a", b""), ("b", b"")]), hash(&[("a", b"")]));
    }

    #[test]
    fn base64_pads_as_the_standard_says() {
        let pairs = [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")];
        for (plain, encoded) in pairs {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
    }

    #[test]
    fn gzip_gives_the_same_bytes_and_comes_back() {
        let bytes: Vec<u8> = (0..10_000u32).map(|i| (i * i % 251) as u8).collect();
        assert_eq!(gzip(&bytes), gzip(&bytes));
        let mut back = Vec::new();
        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&gzip(&bytes)[..]), &mut back).unwrap();
        assert_eq!(back, bytes);
    }
}
