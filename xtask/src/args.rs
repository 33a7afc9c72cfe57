//! The command line, taken apart by hand: five commands and five options need no parser crate.

use anyhow::{Context, Result, bail};

/// What is left of the command line.
pub struct Args(Vec<String>);

impl Args {
    /// Takes the arguments after the program's name.
    pub fn new(args: impl Iterator<Item = String>) -> Args {
        Args(args.collect())
    }

    /// Removes and returns the first argument.
    pub fn command(&mut self) -> Option<String> {
        (!self.0.is_empty()).then(|| self.0.remove(0))
    }

    /// Removes `name`; whether it was there.
    pub fn flag(&mut self, name: &str) -> bool {
        let found = self.0.iter().position(|arg| arg == name);
        found.map(|at| self.0.remove(at)).is_some()
    }

    /// Removes `name` and the value after it (or joined by `=`), if it was there.
    pub fn value(&mut self, name: &str) -> Result<Option<String>> {
        let joined = format!("{name}=");
        if let Some(at) = self.0.iter().position(|arg| arg.starts_with(&joined)) {
            return Ok(Some(self.0.remove(at)[joined.len()..].to_owned()));
        }
        let Some(at) = self.0.iter().position(|arg| arg == name) else { return Ok(None) };
        self.0.remove(at);
        if at == self.0.len() {
            None::<()>.with_context(|| format!("{name} needs a value"))?;
        }
        Ok(Some(self.0.remove(at)))
    }

    /// Whether anything is left.
    pub fn has_any(&self) -> bool {
        !self.0.is_empty()
    }

    /// Whatever is left.
    pub fn rest(self) -> Vec<String> {
        self.0
    }

    /// Errors when something is left over.
    pub fn finish(&self) -> Result<()> {
        if let Some(arg) = self.0.first() {
            bail!("unknown argument {arg}");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(words: &[&str]) -> Args {
        Args::new(words.iter().map(|word| (*word).to_owned()))
    }

    #[test]
    fn values_are_read_apart_and_joined() {
        let mut apart = args(&["serve", "--port", "81", "--open"]);
        assert_eq!(apart.command().as_deref(), Some("serve"));
        assert_eq!(apart.value("--port").unwrap().as_deref(), Some("81"));
        assert!(apart.flag("--open") && !apart.flag("--open"));
        assert!(apart.finish().is_ok());
        assert_eq!(args(&["--port=81"]).value("--port").unwrap().as_deref(), Some("81"));
    }

    #[test]
    fn a_missing_value_and_a_leftover_are_errors() {
        assert!(args(&["--port"]).value("--port").is_err());
        assert!(args(&["--prot"]).finish().is_err());
    }
}
