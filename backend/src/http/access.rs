//! The one way to add a route. It demands an access class, a bound on the body, and a description.
//!
//! Because [`Routes::add`] takes what `routes!` makes of a `#[utoipa::path]` handler, a route that is registered is
//! described in the OpenAPI document, and none that is described is missing.

use std::convert::Infallible;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use tower_http::limit::RequestBodyLimitLayer;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use super::AppState;
use crate::error::ApiError;

/// Who may use a route. In this order: each class may do what the one before may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Everyone who reaches the server.
    Public,
    /// A person with an account.
    Member,
    /// A person who runs the server.
    Admin,
}

/// Bytes of a request's body where a route says nothing else.
pub const BODY_LIMIT: usize = 2 << 20;

/// Routes on their way to a router.
pub struct Routes(OpenApiRouter<AppState>);

impl Routes {
    pub fn new(document: OpenApi) -> Self {
        Routes(OpenApiRouter::with_openapi(document))
    }

    /// Adds the methods of one path: `routes.add(Access::Member, routes!(list, create))`.
    pub fn add(self, access: Access, route: UtoipaMethodRouter<AppState>) -> Self {
        self.add_sized(access, BODY_LIMIT, route)
    }

    /// As [`Routes::add`], for a body of up to `limit` bytes.
    pub fn add_sized(
        self,
        access: Access,
        limit: usize,
        (schemas, paths, methods): UtoipaMethodRouter<AppState>,
    ) -> Self {
        // The first bounds extractors, the second whoever reads the body by himself.
        let methods = methods
            .layer::<_, Infallible>(DefaultBodyLimit::max(limit))
            .layer::<_, Infallible>(RequestBodyLimitLayer::new(limit))
            .layer(from_fn(move |request: Request, next: Next| admit(access, request, next)));
        Routes(self.0.routes((schemas, paths, methods)))
    }

    pub fn into_parts(self) -> (Router<AppState>, OpenApi) {
        self.0.split_for_parts()
    }
}

/// Lets the request through if its sender may use a route of this class.
async fn admit(access: Access, request: Request, next: Next) -> Response {
    if sender(&request) >= access {
        return next.run(request).await;
    }
    ApiError::new(axum::http::StatusCode::FORBIDDEN, "forbidden", "This needs an account that may do it.")
        .into_response()
}

/// What the sender may do. There are no accounts yet, and the server binds to loopback only: whoever asks sits at this
/// machine and runs the server.
fn sender(_request: &Request) -> Access {
    Access::Admin
}
