use js_sys::Promise;
use upferry_engine::{Answer, Loss};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, Request, RequestCache, RequestCredentials, RequestInit, Response};

use super::{HeaderSource, Outgoing, answer_to};

#[wasm_bindgen]
extern "C" {
    /// The global of the page or the worker, whichever this is.
    #[wasm_bindgen(catch)]
    fn fetch(request: &Request) -> Result<Promise, JsValue>;
}

/// Sends requests with the application's headers and credentials.
#[derive(Debug)]
pub struct Client {
    /// The headers for all requests.
    pub headers: HeaderSource,
    /// Whether cookies go with them.
    pub credentials: RequestCredentials,
}

impl Client {
    /// Sends a request and reads its answer. `own` headers are those of one upload; they go before the uploader's, and the
    /// protocol's before both.
    pub async fn send(&self, outgoing: Outgoing, own: Option<&HeaderSource>, signal: &AbortSignal) -> Answer {
        // A `headers` function that fails (offline, say) is asked again when the request is tried again.
        self.try_send(outgoing, own, signal).await.unwrap_or(Answer::Lost(Loss::Network))
    }

    async fn try_send(
        &self,
        outgoing: Outgoing,
        own: Option<&HeaderSource>,
        signal: &AbortSignal,
    ) -> Result<Answer, JsValue> {
        let headers = Headers::new()?;
        for source in [Some(&self.headers), own].into_iter().flatten() {
            for (name, value) in source.headers().await? {
                headers.set(&name, &value)?;
            }
        }
        for (name, value) in &outgoing.headers {
            headers.set(name, value)?;
        }
        let init = RequestInit::new();
        init.set_method(outgoing.method);
        init.set_headers(&headers);
        init.set_credentials(self.credentials);
        init.set_cache(RequestCache::NoStore);
        init.set_signal(Some(signal));
        if let Some(body) = &outgoing.body {
            init.set_body(body);
        }
        let request = Request::new_with_str_and_init(&outgoing.url, &init)?;
        let response: Response = JsFuture::from(fetch(&request)?).await?.unchecked_into();
        Ok(answer_to(outgoing.expect, &outgoing.url, &response).await)
    }
}
