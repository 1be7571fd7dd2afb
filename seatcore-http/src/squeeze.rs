//! gzip, for answers that are public, whole and large enough to gain from it.

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::HeaderMap;
use hyper::header::ACCEPT_ENCODING;
use std::io::Write;

/// Below this a packet carries it either way.
pub const WORTH_IT: usize = 1_024;

/// Compressed bytes, if they are fewer: quickly, for what is said once.
pub fn gzip(plain: &[u8]) -> Option<Bytes> {
    if plain.len() < WORTH_IT { None } else { at(Compression::fast(), plain) }
}

/// The same as far as it goes, for what is said often.
pub fn best(plain: &[u8]) -> Option<Bytes> {
    at(Compression::best(), plain)
}

fn at(level: Compression, plain: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 3), level);
    encoder.write_all(plain).ok()?;
    let squeezed = encoder.finish().ok()?;
    (squeezed.len() < plain.len()).then(|| squeezed.into())
}

/// Whether the asker reads gzip: named, or everything is welcome, and not at weight zero.
pub fn accepted(headers: &HeaderMap) -> bool {
    if !headers.contains_key(ACCEPT_ENCODING) {
        return false;
    }
    let lines = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
    let mut codings = lines.flat_map(|line| line.split(','));
    codings.any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        let refused = parts.any(|part| {
            let weight = part.strip_prefix("q=").and_then(|q| q.trim().parse::<f32>().ok());
            weight.is_some_and(|weight| weight <= 0.0)
        });
        named && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(line: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, line.parse().expect("a header"));
        accepted(&headers)
    }

    #[test]
    fn gzip_is_sent_to_those_who_name_it() {
        assert!(asks("gzip") && asks("br, GZIP;q=0.5") && asks("deflate,gzip"));
        assert!(!asks("br") && !asks("gzip;q=0") && !asks("identity") && !asks("xgzip"));
    }

    #[test]
    fn small_or_dense_bytes_stay_as_they_are() {
        assert!(gzip(&[b'.'; 200]).is_none());
        assert!(gzip(&[b'.'; 5_000]).is_some_and(|bytes| bytes.len() < 100));
    }
}
