//! `cargo xtask serve`: a static file server for this machine alone.
//!
//! It sends what any static host would: the right type, gzip where it is accepted and worth it, an ETag and `304`. No
//! other headers, so what works here works elsewhere.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use std::{fs, thread};

use anyhow::{Context, Result};

use crate::{files, process};

/// The port when none is asked for; a free one when it is taken.
const DEFAULT_PORT: u16 = 8080;
/// Longest request line and headers read, in bytes.
const MOST_HEAD_BYTES: u64 = 16 * 1024;

/// Serves `dir` until the program is ended.
pub fn serve(dir: &Path, port: Option<u16>, open: bool) -> Result<()> {
    let listener = match port {
        Some(port) => {
            TcpListener::bind(("127.0.0.1", port)).with_context(|| format!("port {port} is not free"))?
        }
        None => {
            TcpListener::bind(("127.0.0.1", DEFAULT_PORT)).or_else(|_| TcpListener::bind(("127.0.0.1", 0)))?
        }
    };
    let address = format!("http://{}/", listener.local_addr()?);
    println!("\n  Ocelli is at {address}\n  (Ctrl-C ends it)\n");
    if open {
        open_browser(&address);
    }
    let dir = Arc::new(fs::canonicalize(dir)?);
    for stream in listener.incoming().flatten() {
        let dir = Arc::clone(&dir);
        // A client that goes away in the middle is no error of ours.
        thread::spawn(move || answer_all(&dir, stream).ok());
    }
    Ok(())
}

fn open_browser(address: &str) {
    let (name, args): (_, &[&str]) = match std::env::consts::OS {
        "macos" => ("open", &[address]),
        "windows" => ("cmd", &["/C", "start", address]),
        _ => ("xdg-open", &[address]),
    };
    if process::program(name, args).spawn().is_err() {
        println!("  (no browser could be opened)");
    }
}

/// What of a request matters here.
#[derive(Debug, PartialEq)]
struct Request {
    method: String,
    path: String,
    gzip: bool,
    etag: Option<String>,
}

/// Answers one connection's requests, one after the other.
fn answer_all(dir: &Path, stream: TcpStream) -> Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut output = stream.try_clone()?;
    let mut input = BufReader::new(stream);
    while let Some(request) = read_request(&mut input)? {
        output.write_all(&answer(dir, &request))?;
    }
    Ok(())
}

/// The next request, or `None` at the connection's end or a request too long to be one.
fn read_request(input: &mut impl BufRead) -> Result<Option<Request>> {
    let mut input = input.take(MOST_HEAD_BYTES);
    let mut line = String::new();
    input.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let (Some(method), Some(path)) = (words.next(), words.next()) else { return Ok(None) };
    let path = path.split(['?', '#']).next().unwrap_or("/");
    let mut request = Request { method: method.into(), path: path.into(), gzip: false, etag: None };
    loop {
        let mut line = String::new();
        input.read_line(&mut line)?;
        if line.trim_end_matches(['\r', '\n']).is_empty() && !line.is_empty() {
            return Ok(Some(request));
        }
        let Some((name, value)) = line.trim_end().split_once(':') else { return Ok(None) };
        match name.to_ascii_lowercase().as_str() {
            "accept-encoding" => request.gzip = value.split(',').any(|coding| coding.trim() == "gzip"),
            "if-none-match" => request.etag = Some(value.trim().to_owned()),
            _ => {}
        }
    }
}

/// The whole answer, head and body.
fn answer(dir: &Path, request: &Request) -> Vec<u8> {
    let text = |status: &str| head(status, "text/plain; charset=utf-8", 0, "");
    if request.method != "GET" && request.method != "HEAD" {
        return text("405 Method Not Allowed");
    }
    let Some(path) = locate(dir, &request.path) else { return text("404 Not Found") };
    let Ok(mut body) = fs::read(&path) else { return text("404 Not Found") };
    let kind = mime(&path);
    let mut hash = files::ContentHash::new();
    hash.add("", &body);
    let etag = format!("\"{}\"", hash.finish());
    let mut extra = format!("ETag: {etag}\r\nVary: Accept-Encoding\r\n");
    if request.etag.as_deref() == Some(&etag) {
        return head("304 Not Modified", kind, 0, &extra);
    }
    if request.gzip && is_worth_gzip(&path) {
        body = files::gzip(&body);
        extra.push_str("Content-Encoding: gzip\r\n");
    }
    let mut answer = head("200 OK", kind, body.len(), &extra);
    if request.method == "GET" {
        answer.extend(body);
    }
    answer
}

fn head(status: &str, kind: &str, length: usize, extra: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nCache-Control: no-cache\r\n{extra}\r\n"
    )
    .into_bytes()
}

/// The file that a URL's path means; `None` when there is none inside `dir`.
fn locate(dir: &Path, path: &str) -> Option<PathBuf> {
    let mut file = dir.join(percent_decode(path)?.trim_start_matches('/'));
    if file.is_dir() {
        file.push("index.html");
    }
    let file = fs::canonicalize(file).ok()?;
    file.starts_with(dir).then_some(file)
}

fn percent_decode(path: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = path.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == b'%' {
            let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &rest[2..];
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

fn extension(path: &Path) -> &str {
    path.extension().and_then(|extension| extension.to_str()).unwrap_or("")
}

fn mime(path: &Path) -> &'static str {
    match extension(path) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Whether gzip makes it smaller: not what is compressed already, nor weights.
pub fn is_worth_gzip(path: &Path) -> bool {
    matches!(extension(path), "html" | "js" | "mjs" | "css" | "wasm" | "json" | "webmanifest" | "svg" | "txt")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(text: &str) -> Option<Request> {
        read_request(&mut text.as_bytes()).unwrap()
    }

    #[test]
    fn a_request_is_its_path_without_query_and_the_two_headers() {
        let read =
            request("GET /a%20b.js?x#y HTTP/1.1\r\nHost: h\r\nAccept-Encoding: br, gzip\r\n\r\n").unwrap();
        assert_eq!(read, Request { method: "GET".into(), path: "/a%20b.js".into(), gzip: true, etag: None });
        assert_eq!(request(""), None);
        assert_eq!(request("GET / HTTP/1.1\r\nHost"), None);
    }

    #[test]
    fn files_are_found_inside_the_folder_only() {
        let dir = fs::canonicalize(files::root().join("xtask")).unwrap();
        assert!(locate(&dir, "/src/main.rs").is_some());
        assert!(locate(&dir, "/src/%6dain.rs").is_some());
        assert_eq!(locate(&dir, "/../Cargo.toml"), None);
        assert_eq!(locate(&dir, "/%2e%2e/Cargo.toml"), None);
        assert_eq!(locate(&dir, "/nothing"), None);
        assert_eq!(locate(&dir, "/%zz"), None);
    }

    #[test]
    fn an_unchanged_file_is_not_sent_again() {
        let dir = fs::canonicalize(files::root().join("xtask")).unwrap();
        let mut asked = Request { method: "GET".into(), path: "/Cargo.toml".into(), gzip: false, etag: None };
        let first = String::from_utf8(answer(&dir, &asked)).unwrap();
        assert!(first.starts_with("HTTP/1.1 200 OK") && first.contains("[package]"));
        let etag = first.lines().find_map(|line| line.strip_prefix("ETag: ")).unwrap();
        asked.etag = Some(etag.to_owned());
        let second = String::from_utf8(answer(&dir, &asked)).unwrap();
        assert!(second.starts_with("HTTP/1.1 304") && !second.contains("[package]"));
    }
}
