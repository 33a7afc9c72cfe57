//! Other programs: started in the repository's root, with an error that names the command when one fails.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::files;

/// A program about to run.
pub struct Program(Command);

/// What a program that ran to its end left behind.
pub struct Outcome {
    /// Whether it exited with 0.
    pub success: bool,
    /// Its standard output, which was shown as it came.
    pub stdout: String,
}

/// `program args…`, to run in the repository's root.
pub fn program(name: impl AsRef<std::ffi::OsStr>, args: &[&str]) -> Program {
    let mut command = Command::new(name);
    command.args(args).current_dir(files::root());
    Program(command)
}

/// Cargo, the one that runs us.
pub fn cargo(args: &[&str]) -> Program {
    let mut command = program(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()), args);
    // Cargo tells its children about the package being run; a nested cargo must find its own.
    for name in ["CARGO_MANIFEST_DIR", "CARGO_PKG_NAME", "CARGO_PKG_VERSION"] {
        command.0.env_remove(name);
    }
    command
}

impl Program {
    /// Adds arguments.
    pub fn args(mut self, args: impl IntoIterator<Item = impl AsRef<std::ffi::OsStr>>) -> Program {
        self.0.args(args);
        self
    }

    /// Adds an option whose value is a path.
    pub fn arg_path(mut self, name: &str, path: &std::path::Path) -> Program {
        self.0.arg(name).arg(path);
        self
    }

    /// Sets an environment variable.
    pub fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Program {
        self.0.env(name, value);
        self
    }

    /// Runs it in another folder than the repository's root.
    pub fn within(mut self, folder: &std::path::Path) -> Program {
        self.0.current_dir(folder);
        self
    }

    /// Runs it with our own output; an error unless it exits with 0.
    pub fn run(mut self) -> Result<()> {
        let status =
            self.0.status().with_context(|| format!("could not start {:?}", self.0.get_program()))?;
        if !status.success() {
            bail!("{:?} failed ({status})", self.0);
        }
        Ok(())
    }

    /// Runs it silently and returns its standard output; an error unless it exits with 0.
    pub fn read(mut self) -> Result<String> {
        let output =
            self.0.output().with_context(|| format!("could not start {:?}", self.0.get_program()))?;
        if !output.status.success() {
            bail!("{:?} failed ({}): {}", self.0, output.status, String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Starts it and does not wait.
    pub fn spawn(mut self) -> Result<()> {
        self.0.stdout(Stdio::null()).stderr(Stdio::null()).spawn().map(drop).context("could not start")
    }

    /// Runs it, shows its standard output line by line and keeps it.
    pub fn watch(mut self) -> Result<Outcome> {
        let mut child = self
            .0
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("could not start {:?}", self.0.get_program()))?;
        let pipe = child.stdout.take().expect("stdout is piped");
        let mut stdout = String::new();
        for line in BufReader::new(pipe).split(b'\n') {
            let line = line?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            stdout.push_str(&line);
            stdout.push('\n');
        }
        Ok(Outcome { success: child.wait()?.success(), stdout })
    }
}

/// Where `name` is on the PATH.
pub fn find(name: &str) -> Option<std::path::PathBuf> {
    let paths = std::env::var_os("PATH")?;
    std::env::split_paths(&paths).map(|dir| dir.join(name)).find(|path| path.is_file())
}
