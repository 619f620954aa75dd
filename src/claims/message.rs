use js_sys::Array;
use upferry_engine::{Progress, Record, Sighting};
use upferry_protocol::Sha256Digest;
use wasm_bindgen::{JsCast, JsValue};

use crate::events::progress_object;
use crate::js::{field, object};
use crate::json;

/// What tabs say to each other about files, which go by their fingerprints.
#[derive(Debug)]
pub(super) enum Message {
    /// Whoever sends one of these: how far are you?
    Ask(Vec<Sha256Digest>),
    /// So far.
    Show(Box<Sighting>),
}

impl Message {
    pub(super) fn to_js(&self) -> JsValue {
        match self {
            Self::Ask(files) => {
                let files: Array = files.iter().map(|file| JsValue::from(file.to_hex())).collect();
                object(&[("ask", files.into())]).into()
            }
            Self::Show(sighting) => object(&[
                ("record", json::record(&sighting.record).into()),
                ("progress", progress_object(sighting.progress).into()),
            ])
            .into(),
        }
    }

    /// Reads one; `None` for what another version may say.
    pub(super) fn from_js(data: &JsValue) -> Option<Self> {
        if let Ok(files) = field(data, "ask").dyn_into::<Array>() {
            return Some(Self::Ask(files.iter().filter_map(json::from_js).collect()));
        }
        let record: Record = json::from_js(field(data, "record"))?;
        Some(Self::Show(Box::new(Sighting { record, progress: progress(&field(data, "progress"))? })))
    }
}

fn progress(value: &JsValue) -> Option<Progress> {
    let number = |name| field(value, name).as_f64();
    Some(Progress {
        confirmed: number("confirmed")? as u64,
        in_flight: number("inFlight")? as u64,
        total: number("total")? as u64,
        speed: number("speed"),
        eta: number("eta"),
    })
}
