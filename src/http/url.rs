use wasm_bindgen::JsValue;
use web_sys::{Request, Url};

/// The absolute form of a URL that may be relative to the page or the worker.
///
/// # Errors
/// What `Request` says of a URL that `fetch` would not take.
pub fn absolute(url: &str) -> Result<String, JsValue> {
    Ok(Request::new_with_str(url)?.url())
}

/// The URL of a resource below an upload; a query stays where it is.
#[must_use]
pub fn below(upload_url: &str, name: &str) -> String {
    let query_at = upload_url.find(['?', '#']).unwrap_or(upload_url.len());
    let (path, query) = upload_url.split_at_checked(query_at).unwrap_or((upload_url, ""));
    [path.trim_end_matches('/'), "/", name, query].concat()
}

/// Resolves a `Location` against the URL of the answer that carried it.
pub(super) fn resolve(location: &str, base: &str) -> Option<String> {
    Url::new_with_base(location, base).ok().map(|url| url.href())
}
