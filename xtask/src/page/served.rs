//! How the page is served: what a browser asks for, with the right types, compressed; and nothing else.

use anyhow::{Context as _, Result, ensure};
use axum::body::Body;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE};
use http::{Request, Response, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

use super::servers::Server;

/// Asks for the files, as browsers do.
pub(crate) fn as_it_should() -> Result<()> {
    let server = Server::start()?;
    tokio::runtime::Runtime::new()?.block_on(check(&server.address))
}

async fn check(address: &str) -> Result<()> {
    for (path, content_type) in EXPECTED {
        for encoding in ["br", "gzip"] {
            let response = get(address, path, encoding).await?;
            let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
            ensure!(response.status() == StatusCode::OK, "{path} gives {}", response.status());
            ensure!(header(CONTENT_TYPE) == Some(content_type), "{path} is {:?}", header(CONTENT_TYPE));
            ensure!(header(CONTENT_ENCODING) == Some(encoding), "{path} comes as {:?}", header(CONTENT_ENCODING));
        }
    }
    for path in ["/Cargo.toml", "/src/lib.rs", "/pkg/../Cargo.toml", "/elsewhere"] {
        let status = get(address, path, "br").await?.status();
        ensure!(status == StatusCode::NOT_FOUND, "{path} gives {status}");
    }
    Ok(())
}

async fn get(address: &str, path: &str, encoding: &str) -> Result<Response<impl Sized>> {
    let request = Request::get(format!("http://{address}{path}")).header(ACCEPT_ENCODING, encoding);
    let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
    client.request(request.body(Body::empty())?).await.with_context(|| format!("{path} is not served"))
}

const EXPECTED: [(&str, &str); 6] = [
    ("/", "text/html"),
    ("/style.css", "text/css"),
    ("/cards.css", "text/css"),
    ("/plots.css", "text/css"),
    ("/pkg/www.js", "text/javascript"),
    ("/pkg/www_bg.wasm", "application/wasm"),
];
