//! Everything that is not the API: the page and its files, out of the binary.

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};

use super::encoding::{self, Encoding};
use super::envelope;
use crate::assets::{self, Asset};
use crate::error::ApiError;

const FOREVER: &str = "public, max-age=31536000, immutable";

/// Answers what no route took.
pub async fn page(request: Request) -> Result<Response, ApiError> {
    let path = request.uri().path();
    if path == "/api" || path.starts_with("/api/") {
        return Err(ApiError::not_found("not_found", "There is nothing at this path of the API."));
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut response = envelope::method_not_allowed(request.method().clone()).await.into_response();
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET,HEAD"));
        return Ok(response);
    }
    // The page finds its way by itself; what has a dot is a file.
    let is_page = !path.contains('.');
    let asset = if is_page { assets::find(assets::INDEX) } else { assets::find(path) };
    match asset {
        Some(asset) => answer(asset, request.headers()),
        None if assets::ASSETS.is_empty() => {
            let message = "The page is not built into this program: run `cargo xtask serve`.";
            Err(ApiError::not_found("page_not_built", message))
        }
        None => Err(ApiError::not_found("not_found", "There is no such file.")),
    }
}

fn answer(asset: &'static Asset, request: &HeaderMap) -> Result<Response, ApiError> {
    let there = [(Encoding::Brotli, asset.br), (Encoding::Gzip, asset.gz)];
    let mut choices: Vec<Encoding> =
        there.iter().filter(|(_, body)| body.is_some()).map(|(encoding, _)| *encoding).collect();
    choices.push(Encoding::Identity);
    let chosen = encoding::choose(request, &choices);
    // A tag names one encoding: caches between may keep several.
    let etag = match chosen.name() {
        Some(name) => format!("\"{}-{name}\"", asset.sha256),
        None => format!("\"{}\"", asset.sha256),
    };
    let (status, body) = match encoding::has_it(request, &etag) {
        true => (StatusCode::NOT_MODIFIED, Body::empty()),
        false => (StatusCode::OK, Body::from(body(asset, chosen)?)),
    };
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(header::ETAG, HeaderValue::from_str(&etag).map_err(ApiError::internal)?);
    let keep = if asset.immutable { FOREVER } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    if let Some(name) = chosen.name() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    Ok(response)
}

fn body(asset: &'static Asset, encoding: Encoding) -> Result<Bytes, ApiError> {
    let kept = match encoding {
        Encoding::Brotli => asset.br,
        Encoding::Gzip => asset.gz,
        Encoding::Identity => asset.raw,
    };
    match kept {
        Some(bytes) => Ok(Bytes::from_static(bytes)),
        None => Ok(Bytes::from(asset.inflate()?)),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use axum::body::to_bytes;
    use flate2::{Compression, write::GzEncoder};

    fn asset(immutable: bool) -> &'static Asset {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(b"the page").unwrap();
        Box::leak(Box::new(Asset {
            name: "page.js",
            path: "/assets/page.js",
            content_type: "text/javascript; charset=utf-8",
            immutable,
            sha256: "0123",
            bytes: 8,
            br: Some(b"brotli bytes"),
            gz: Some(encoder.finish().unwrap().leak()),
            raw: None,
        }))
    }

    fn get(asset: &'static Asset, name: header::HeaderName, value: &str) -> Response {
        answer(asset, &HeaderMap::from_iter([(name, value.parse().unwrap())])).unwrap()
    }

    #[tokio::test]
    async fn each_encoding_has_its_own_tag_and_plain_bytes_are_inflated() {
        let asset = asset(true);
        let compressed = get(asset, header::ACCEPT_ENCODING, "gzip, br");
        assert_eq!(compressed.headers()[header::CONTENT_ENCODING], "br");
        assert_eq!(compressed.headers()[header::ETAG], "\"0123-br\"");
        assert_eq!(compressed.headers()[header::CACHE_CONTROL], FOREVER);
        let plain = get(asset, header::ACCEPT_ENCODING, "identity");
        assert!(!plain.headers().contains_key(header::CONTENT_ENCODING));
        assert_eq!(plain.headers()[header::ETAG], "\"0123\"");
        assert_eq!(to_bytes(plain.into_body(), 100).await.unwrap(), "the page");
    }

    #[tokio::test]
    async fn what_the_client_has_is_not_sent_again() {
        let response = get(asset(false), header::IF_NONE_MATCH, "\"0123\"");
        assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-cache");
        assert!(to_bytes(response.into_body(), 100).await.unwrap().is_empty());
        assert_eq!(get(asset(false), header::IF_NONE_MATCH, "\"0124\"").status(), StatusCode::OK);
    }
}
