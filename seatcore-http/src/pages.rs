//! The dashboard's files: from the binary, or from a folder for whoever works on them.
//!
//! `index.html` names its files under `/assets/`; as it is sent, that becomes
//! `/assets/<version>/`, so that everything it and its modules name by relative paths may be kept
//! for a year, and the next release has other names. What is embedded is compressed once, as far
//! as it goes.

use crate::answer::Answer;
use crate::headers::{has_version, mark_squeezed};
use crate::refusal::Refusal;
use crate::squeeze;
use bytes::Bytes;
use hyper::header::{ACCEPT, ETAG, IF_NONE_MATCH};
use hyper::{HeaderMap, Method, StatusCode};
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

const EMBEDDED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/dashboard.rs"));
/// The page of every path that the dashboard itself tells apart.
const SHELL: &str = "index.html";
const KEPT_FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Kept, but asked about each time.
const KEPT_IF_SAME: &str = "public, no-cache";

/// The files.
#[derive(Debug)]
pub struct Pages {
    files: BTreeMap<String, Bytes>,
    squeezed: BTreeMap<String, Bytes>,
    version: String,
    /// Read anew each time, where somebody works on them.
    folder: Option<PathBuf>,
}

impl Pages {
    /// The files of the binary, or of this folder.
    pub fn new(folder: Option<PathBuf>) -> Self {
        let mut files: BTreeMap<_, _> = EMBEDDED
            .iter()
            .map(|(name, bytes)| ((*name).to_owned(), Bytes::from_static(bytes)))
            .collect();
        let mut hash = blake3::Hasher::new();
        for (name, bytes) in &files {
            hash.update(name.as_bytes()).update(&[0]).update(bytes);
        }
        let version = hash.finalize().to_hex().chars().take(16).collect::<String>();
        if let Some(shell) = files.get(SHELL) {
            let text = String::from_utf8_lossy(shell);
            let text = text.replace("/assets/", &format!("/assets/{version}/"));
            files.insert(SHELL.to_owned(), text.into_bytes().into());
        }
        let squeeze =
            |(name, bytes): (&String, &Bytes)| Some((name.clone(), squeeze::best(bytes)?));
        let squeezed = files.iter().filter(|(name, _)| is_text(name)).filter_map(squeeze).collect();
        Self { files, squeezed, version, folder }
    }

    /// The page.
    ///
    /// # Errors
    /// `not_found`, if the binary was built without a dashboard.
    pub fn shell(&self, headers: &HeaderMap) -> Result<Answer, Refusal> {
        self.file(SHELL, KEPT_IF_SAME, headers)
    }

    /// The page, for an address that leads nowhere: it says so.
    ///
    /// # Errors
    /// `not_found`, if the binary was built without a dashboard.
    pub fn missing(&self, headers: &HeaderMap) -> Result<Answer, Refusal> {
        let mut headers = headers.clone();
        headers.remove(IF_NONE_MATCH);
        let mut answer = self.shell(&headers)?;
        answer.status = StatusCode::NOT_FOUND;
        answer.headers.remove(ETAG);
        Ok(answer)
    }

    /// Where a file of the page is found.
    pub fn address(&self, name: &str) -> String {
        format!("/assets/{}/{name}", self.version)
    }

    /// A file under `/assets/`.
    ///
    /// # Errors
    /// `not_found`.
    pub fn asset(&self, path: &str, headers: &HeaderMap) -> Result<Answer, Refusal> {
        match path.strip_prefix(&self.version).and_then(|rest| rest.strip_prefix('/')) {
            Some(name) => self.file(name, KEPT_FOR_EVER, headers),
            None => self.file(path, KEPT_IF_SAME, headers),
        }
    }

    fn file(&self, name: &str, kept: &'static str, headers: &HeaderMap) -> Result<Answer, Refusal> {
        let bytes = match &self.folder {
            Some(folder) => read_from(folder, name),
            None => self.files.get(name).cloned(),
        };
        let bytes = bytes.ok_or_else(Refusal::no_route)?;
        let tag: String = blake3::hash(&bytes).to_hex().chars().take(20).collect();
        if has_version(headers, &tag) {
            let unchanged =
                if is_text(name) { Answer::unchanged_text } else { Answer::unchanged_weak };
            return Ok(unchanged(&tag).kept(kept));
        }
        let squeezed = self.squeezed.get(name).filter(|_| self.folder.is_none());
        let squeezed = squeezed.filter(|_| squeeze::accepted(headers)).cloned();
        let is_squeezed = squeezed.is_some();
        let body = squeezed.unwrap_or(bytes);
        let answer = Answer::bytes(StatusCode::OK, media_type(name), body);
        let tag = format!("W/\"{tag}\"");
        let mut answer = answer.with(ETAG, &tag).kept(kept).public();
        if is_squeezed {
            mark_squeezed(&mut answer.headers);
        }
        Ok(answer)
    }
}

/// Whether somebody with a browser asks for a page, and not a program for data.
pub fn wants_page(method: &Method, path: &str, headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT).and_then(|line| line.to_str().ok()).unwrap_or_default();
    let data = path.starts_with("/api/") || path.starts_with("/assets/");
    matches!(*method, Method::GET | Method::HEAD) && !data && accept.contains("text/html")
}

fn read_from(folder: &Path, name: &str) -> Option<Bytes> {
    let name = Path::new(name);
    let plain = name.components().all(|part| matches!(part, Component::Normal(_)));
    if !plain {
        return None;
    }
    std::fs::read(folder.join(name)).ok().map(Bytes::from)
}

/// Whether compressing is of use.
fn is_text(name: &str) -> bool {
    let kind = media_type(name);
    kind.starts_with("text/") || kind.ends_with("json") || kind.ends_with("xml")
}

/// By the name's ending: these are our own files.
fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "webmanifest" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_gives_nothing_from_outside() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("a.js"), "1").expect("a file");
        assert!(read_from(folder.path(), "a.js").is_some());
        for outside in ["../a.js", "/etc/hostname", "x/../../a.js", "./../a.js"] {
            assert!(read_from(folder.path(), outside).is_none(), "{outside}");
        }
    }
}
