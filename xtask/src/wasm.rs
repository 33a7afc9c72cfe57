//! The bytes of a wasm file, as far as the build looks into them.

use anyhow::{Context, Result, bail};

/// What is left to read.
#[derive(Clone, Copy)]
pub struct Input<'a>(pub &'a [u8]);

/// A function that a module imports.
pub struct Import<'a> {
    pub name: &'a [u8],
    /// The place of its type.
    pub kind: usize,
}

impl<'a> Input<'a> {
    pub fn byte(&mut self) -> Result<u8> {
        let (&first, rest) = self.0.split_first().context("it ends too soon")?;
        self.0 = rest;
        Ok(first)
    }

    /// A number in LEB128.
    pub fn number(&mut self) -> Result<usize> {
        let mut value = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            value |= usize::from(byte & 127) << shift;
            if byte < 128 {
                return Ok(value);
            }
        }
        bail!("a number is too long")
    }

    /// Bytes after their number.
    pub fn block(&mut self) -> Result<&'a [u8]> {
        let len = self.number()?;
        let (block, rest) = self.0.split_at_checked(len).context("it ends too soon")?;
        self.0 = rest;
        Ok(block)
    }

    /// The section of imports: functions are all that a module of ours imports.
    pub fn imports(&mut self) -> Result<Vec<Import<'a>>> {
        let n = self.number()?;
        let mut imports = Vec::with_capacity(n);
        for _ in 0..n {
            let (_module, name) = (self.block()?, self.block()?);
            match self.byte()? {
                0 => imports.push(Import { name, kind: self.number()? }),
                kind => bail!("it imports something of kind {kind}, which is no function"),
            }
        }
        Ok(imports)
    }
}

/// Adds a number in LEB128.
pub fn put_number(bytes: &mut Vec<u8>, mut value: usize) {
    while value > 127 {
        bytes.push((value & 127) as u8 | 128);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// Adds bytes after their number.
pub fn put_block(bytes: &mut Vec<u8>, block: &[u8]) {
    put_number(bytes, block.len());
    bytes.extend(block);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_blocks_come_back() {
        for value in [0, 1, 127, 128, 300, 1 << 20] {
            let mut bytes = Vec::new();
            put_number(&mut bytes, value);
            put_block(&mut bytes, b"after");
            let mut input = Input(&bytes);
            assert_eq!(input.number().unwrap(), value);
            assert_eq!(input.block().unwrap(), b"after");
            assert!(input.byte().is_err());
        }
    }
}
