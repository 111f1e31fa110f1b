//! Which of the encodings a body exists in a client wants (RFC 9110, 12.5.3), and whether it has it already.

use axum::http::header::{self, HeaderMap};

/// The encodings bodies are kept in, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Brotli,
    Gzip,
    Identity,
}

impl Encoding {
    /// The name in `Content-Encoding`; none for bytes as they are.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Encoding::Brotli => Some("br"),
            Encoding::Gzip => Some("gzip"),
            Encoding::Identity => None,
        }
    }
}

/// The best of `there` (best first) that the client takes. Identity when it takes none: better readable by a client
/// that says nonsense than no answer.
pub fn choose(headers: &HeaderMap, there: &[Encoding]) -> Encoding {
    let wanted = |encoding: &Encoding| encoding.name().map_or(0.001, |name| weight(headers, name));
    let mut best = (0.0, Encoding::Identity);
    for encoding in there {
        let weight = wanted(encoding);
        if weight > best.0 {
            best = (weight, *encoding);
        }
    }
    best.1
}

/// What `Accept-Encoding` gives an encoding, from 0 to 1.
fn weight(headers: &HeaderMap, name: &str) -> f32 {
    let (mut named, mut any) = (None, None);
    for value in headers.get_all(header::ACCEPT_ENCODING) {
        for item in value.to_str().unwrap_or_default().split(',') {
            let (encoding, parameters) = item.split_once(';').unwrap_or((item, ""));
            let quality =
                parameters.trim().strip_prefix("q=").map_or(1.0, |quality| quality.trim().parse().unwrap_or(0.0));
            match encoding.trim() {
                encoding if encoding.eq_ignore_ascii_case(name) => named = Some(quality),
                "*" => any = Some(quality),
                _ => {}
            }
        }
    }
    named.or(any).unwrap_or(0.0)
}

/// The client has the body of this tag already.
pub fn has_it(headers: &HeaderMap, etag: &str) -> bool {
    let Some(tags) = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()) else { return false };
    tags.split(',').map(|tag| tag.trim().trim_start_matches("W/")).any(|tag| tag == "*" || tag == etag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Encoding::{Brotli, Gzip, Identity};

    #[test]
    fn the_client_gets_what_it_weighs_most_of_what_there_is() {
        let all = [Brotli, Gzip, Identity];
        let cases: [(&str, &[Encoding], Encoding); 11] = [
            ("gzip, deflate, br, zstd", &all, Brotli),
            ("gzip, deflate", &all, Gzip),
            ("br;q=0.5, gzip;q=0.8", &all, Gzip),
            ("br;q=0, gzip;q=0", &all, Identity),
            ("br; q=1.0", &[Gzip, Identity], Identity),
            ("*", &all, Brotli),
            ("*;q=0.5, br;q=0", &all, Gzip),
            ("", &all, Identity),
            ("identity", &all, Identity),
            ("GZIP", &all, Gzip),
            ("br;q=lots", &all, Identity),
        ];
        for (accepted, there, expected) in cases {
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, accepted.parse().unwrap())]);
            assert_eq!(choose(&headers, there), expected, "{accepted}");
        }
        assert_eq!(choose(&HeaderMap::new(), &all), Identity);
    }

    #[test]
    fn a_tag_is_found_among_several() {
        for (tags, expected) in
            [("\"a\"", true), ("\"b\", W/\"a\"", true), ("*", true), ("\"b\"", false), ("a", false), ("", false)]
        {
            let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, tags.parse().unwrap())]);
            assert_eq!(has_it(&headers, "\"a\""), expected, "{tags}");
        }
    }
}
