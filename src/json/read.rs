use std::fmt;

use js_sys::{Array, Object};
use serde::de::value::StringDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use wasm_bindgen::{JsCast, JsValue};

const MAX_SAFE: f64 = 9_007_199_254_740_991.0;

/// Reads a message out of a value as `JSON.parse` makes them; `None` when it is another one. Numbers are whole and not
/// negative, as all of the protocol's are.
#[must_use]
pub fn from_js<T: DeserializeOwned>(value: JsValue) -> Option<T> {
    T::deserialize(Value(value)).ok()
}

/// It is not what was expected; nobody asks why.
#[derive(Debug)]
struct Unexpected;

impl fmt::Display for Unexpected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unexpected")
    }
}

impl std::error::Error for Unexpected {}

impl de::Error for Unexpected {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

struct Value(JsValue);

// What does not depend on who asks stands here, so that it is compiled once.
impl Value {
    fn whole_number(&self) -> Result<u64, Unexpected> {
        let is_whole = |number: &f64| number.fract() == 0.0 && (0.0..=MAX_SAFE).contains(number);
        self.0.as_f64().filter(is_whole).map(|number| number as u64).ok_or(Unexpected)
    }

    fn text(&self) -> Result<String, Unexpected> {
        self.0.as_string().ok_or(Unexpected)
    }

    fn array(&self) -> Result<Array, Unexpected> {
        if Array::is_array(&self.0) { Ok(self.0.unchecked_ref::<Array>().clone()) } else { Err(Unexpected) }
    }

    fn entries(&self) -> Result<Array, Unexpected> {
        let is_object = self.0.is_object() && !Array::is_array(&self.0);
        if is_object { Ok(Object::entries(self.0.unchecked_ref())) } else { Err(Unexpected) }
    }
}

impl<'de> Deserializer<'de> for Value {
    type Error = Unexpected;

    /// No message holds a value whose type is open.
    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Unexpected> {
        Err(Unexpected)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unexpected> {
        visitor.visit_u64(self.whole_number()?)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unexpected> {
        visitor.visit_bool(self.0.as_bool().ok_or(Unexpected)?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unexpected> {
        visitor.visit_string(self.text()?)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unexpected> {
        visitor.visit_seq(Elements { array: self.array()?, at: 0 })
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unexpected> {
        visitor.visit_map(Members { entries: self.entries()?, at: 0, value: JsValue::NULL })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Unexpected> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unexpected> {
        self.deserialize_map(visitor)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unexpected> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unexpected> {
        self.deserialize_string(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unexpected> {
        visitor.visit_str(&self.text()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unexpected> {
        if self.0.is_null() || self.0.is_undefined() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unexpected> {
        let name: StringDeserializer<Unexpected> = self.text()?.into_deserializer();
        visitor.visit_enum(name)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unexpected> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u128 f32 f64 char bytes byte_buf unit unit_struct newtype_struct tuple_struct
    }
}

struct Elements {
    array: Array,
    at: u32,
}

impl<'de> SeqAccess<'de> for Elements {
    type Error = Unexpected;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Unexpected> {
        if self.at == self.array.length() {
            return Ok(None);
        }
        let element = self.array.get(self.at);
        self.at += 1;
        seed.deserialize(Value(element)).map(Some)
    }
}

struct Members {
    entries: Array,
    at: u32,
    value: JsValue,
}

impl<'de> MapAccess<'de> for Members {
    type Error = Unexpected;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Unexpected> {
        if self.at == self.entries.length() {
            return Ok(None);
        }
        let entry: Array = self.entries.get(self.at).unchecked_into();
        self.at += 1;
        self.value = entry.get(1);
        seed.deserialize(Value(entry.get(0))).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Unexpected> {
        seed.deserialize(Value(std::mem::replace(&mut self.value, JsValue::NULL)))
    }
}
