//! Requests that another site made a browser send.
//!
//! The server has no passwords yet: being on this machine is what counts. But every page a browser shows is on this
//! machine, too. So a name that someone pointed at 127.0.0.1 is refused (DNS rebinding), and so is a change that
//! another origin asks for (cross-site request forgery).

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::header::{self, HeaderMap, HeaderName};
use axum::http::uri::Authority;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::error::ApiError;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

pub async fn guard(request: Request, next: Next) -> Response {
    // HTTP/2 has the name in the URI.
    let host = request.uri().authority().map(Authority::as_str).or_else(|| text(request.headers(), &header::HOST));
    match check(request.method(), host, request.headers()) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

fn check(method: &Method, host: Option<&str>, headers: &HeaderMap) -> Result<(), ApiError> {
    // Whoever sends no host is no browser.
    if host.is_some_and(|host| !is_local(host)) {
        let message = "This server answers to localhost, 127.0.0.1 and [::1] only.";
        return Err(ApiError::new(StatusCode::MISDIRECTED_REQUEST, "unknown_host", message));
    }
    if method.is_safe() {
        return Ok(());
    }
    let same_site = match (text(headers, &SEC_FETCH_SITE), headers.get(header::ORIGIN)) {
        (Some(site), _) if site != "same-origin" && site != "none" => false,
        (_, Some(origin)) => is_origin_of(origin.to_str().unwrap_or_default(), host),
        (_, None) => true,
    };
    if same_site {
        return Ok(());
    }
    Err(ApiError::new(StatusCode::FORBIDDEN, "cross_origin", "A page of another site can't change anything here."))
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    // Bytes that are no text are no host of ours either.
    headers.get(name).map(|value| value.to_str().unwrap_or("?"))
}

/// Any port: a person may forward another one.
fn is_local(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host().to_ascii_lowercase();
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    !host.contains('@') && (name == "localhost" || address.is_ok_and(|address| address.is_loopback()))
}

fn is_origin_of(origin: &str, host: Option<&str>) -> bool {
    let Some(host) = host else { return false };
    origin.strip_prefix("http://").is_some_and(|rest| rest.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn only_names_of_this_machine_are_answered() {
        for host in ["localhost", "localhost:8080", "LOCALHOST:1", "127.0.0.1:8080", "127.9.9.9:8080", "[::1]:8080"] {
            assert!(check(&Method::GET, Some(host), &HeaderMap::new()).is_ok(), "{host}");
        }
        for host in
            ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io:8080", "a@localhost", "", "0.0.0.0", "?"]
        {
            let error = check(&Method::GET, Some(host), &HeaderMap::new()).unwrap_err();
            assert_eq!(error.code, "unknown_host", "{host}");
        }
    }

    #[test]
    fn another_origin_reads_nothing_but_a_refusal_when_it_wants_a_change() {
        let with = |pairs: &[(HeaderName, &'static str)]| {
            pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect::<HeaderMap>()
        };
        let post =
            |pairs: &[(HeaderName, &'static str)]| check(&Method::POST, Some("localhost:8080"), &with(pairs)).is_ok();
        assert!(post(&[]), "a program sends neither header");
        assert!(post(&[(SEC_FETCH_SITE, "same-origin"), (header::ORIGIN, "http://localhost:8080")]));
        assert!(post(&[(header::ORIGIN, "http://localhost:8080")]));
        assert!(!post(&[(SEC_FETCH_SITE, "cross-site")]));
        assert!(!post(&[(SEC_FETCH_SITE, "same-site"), (header::ORIGIN, "http://localhost:9090")]));
        assert!(!post(&[(header::ORIGIN, "http://localhost:9090")]));
        assert!(!post(&[(header::ORIGIN, "null")]));
        assert!(!post(&[(header::ORIGIN, "https://localhost:8080")]));
        assert!(check(&Method::GET, Some("localhost:8080"), &with(&[(SEC_FETCH_SITE, "cross-site")])).is_ok());
    }
}
