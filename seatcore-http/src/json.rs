//! Request bodies: strict JSON, read field by field so that every wrong field is named at once.

use crate::refusal::Refusal;
use crate::wrong::Wrong;
use seatcore::clock::Timestamp;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// Deepest nesting: the layout of a hall needs six.
const DEPTH_MAX: usize = 12;
/// Most members of one object: a show may name a price for each of 255 tiers.
const MEMBERS_MAX: usize = 300;

/// A JSON value whose texts borrow from the body where nothing is escaped.
#[derive(Debug, Clone, PartialEq)]
pub enum Json<'a> {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// Any number.
    Number(serde_json::Number),
    /// A text.
    Text(Cow<'a, str>),
    /// A list.
    List(Vec<Json<'a>>),
    /// An object, in the order written; no name twice.
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

impl<'a> Json<'a> {
    /// Reads a whole body.
    ///
    /// # Errors
    /// `invalid` with status 400.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        let value = Depth(0).deserialize(&mut reader);
        let whole = value.and_then(|value| reader.end().map(|()| value));
        whole.map_err(|error| Refusal::unreadable(format!("the body is not JSON: {error}")))
    }

    /// The same for serde.
    pub fn into_value(self) -> serde_json::Value {
        use serde_json::Value;
        match self {
            Self::Null => Value::Null,
            Self::Bool(flag) => Value::Bool(flag),
            Self::Number(number) => Value::Number(number),
            Self::Text(text) => Value::String(text.into_owned()),
            Self::List(list) => list.into_iter().map(Self::into_value).collect(),
            Self::Object(members) => {
                let pair =
                    |(name, value): (Cow<'_, str>, Self)| (name.into_owned(), value.into_value());
                members.into_iter().map(pair).collect()
            }
        }
    }
}

struct Depth(usize);

impl<'de> DeserializeSeed<'de> for Depth {
    type Value = Json<'de>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Json<'de>, D::Error> {
        if self.0 > DEPTH_MAX {
            return Err(D::Error::custom("nested too deeply"));
        }
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Depth {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(flag))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json<'de>, E> {
        Ok(Json::Number(number.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json<'de>, E> {
        Ok(Json::Number(number.into()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Json<'de>, E> {
        let number = serde_json::Number::from_f64(number);
        number.map(Json::Number).ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json<'de>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = seq.next_element_seed(Depth(self.0 + 1))? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json<'de>, A::Error> {
        let mut members: Vec<(Cow<'de, str>, Json<'de>)> = Vec::new();
        while let Some(Json::Text(name)) = map.next_key_seed(Depth(self.0 + 1))? {
            if members.iter().any(|(known, _)| *known == name) {
                return Err(A::Error::custom(format_args!("field {name:?} is given twice")));
            }
            if members.len() == MEMBERS_MAX {
                return Err(A::Error::custom("too many fields"));
            }
            members.push((name, map.next_value_seed(Depth(self.0 + 1))?));
        }
        Ok(Json::Object(members))
    }
}

/// The fields of an object, taken one by one. What is missing, of the wrong kind or left over is
/// collected, and [`finish`](Self::finish) refuses it all at once.
#[derive(Debug)]
pub struct Fields<'a> {
    path: String,
    members: Vec<(Cow<'a, str>, Json<'a>)>,
    wrong: Wrong,
}

impl<'a> Fields<'a> {
    /// The fields of a body; an empty body has none.
    ///
    /// # Errors
    /// `invalid` with status 400, if the body is no JSON object.
    pub fn read(body: &'a [u8]) -> Result<Self, Refusal> {
        if body.is_empty() {
            return Ok(Self { path: String::new(), members: Vec::new(), wrong: Wrong::default() });
        }
        match Json::read(body)? {
            Json::Object(members) => {
                Ok(Self { path: String::new(), members, wrong: Wrong::default() })
            }
            _ => Err(Refusal::unreadable("the body is not a JSON object")),
        }
    }

    /// Whether there is a field of this name; `null` is as good as none.
    pub fn has(&self, name: &str) -> bool {
        self.members.iter().any(|(known, value)| known == name && *value != Json::Null)
    }

    /// The names that are left.
    pub fn names(&self) -> Vec<String> {
        self.members.iter().map(|(name, _)| name.clone().into_owned()).collect()
    }

    /// Takes a field as it is.
    pub fn take(&mut self, name: &str) -> Option<Json<'a>> {
        let at = self.members.iter().position(|(known, _)| known == name)?;
        Some(self.members.swap_remove(at).1).filter(|value| *value != Json::Null)
    }

    /// Takes a field that may be `null`: `Some(None)` clears something.
    pub fn clearable<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Self, &str) -> Option<T>,
    ) -> Option<Option<T>> {
        let at = self.members.iter().position(|(known, _)| known == name)?;
        if matches!(self.members.get(at), Some((_, Json::Null))) {
            self.members.swap_remove(at);
            return Some(None);
        }
        read(self, name).map(Some)
    }

    /// Says what is wrong with a field.
    pub fn wrong(&mut self, name: &str, detail: impl Into<String>) {
        let field = format!("{}{name}", self.path);
        self.wrong.unreadable(field, detail);
    }

    /// Says what is wrong with this object as a whole: nothing is said of its fields.
    pub fn wrong_whole(&mut self, detail: impl Into<String>) {
        self.members.clear();
        self.wrong.unreadable(self.path.trim_end_matches('/'), detail);
    }

    /// A text.
    pub fn text(&mut self, name: &str) -> Option<Cow<'a, str>> {
        match self.take(name)? {
            Json::Text(text) => Some(text),
            _ => self.not_a(name, "a text"),
        }
    }

    /// A whole number. What does not fit its kind is out of every range.
    pub fn number<T: TryFrom<i64>>(&mut self, name: &str) -> Option<T> {
        let number = match self.take(name)? {
            Json::Number(number) if !number.is_f64() => number.as_i64(),
            _ => return self.not_a(name, "a whole number"),
        };
        let fits = number.and_then(|number| T::try_from(number).ok());
        if fits.is_none() {
            self.wrong.too_far(format!("{}{name}", self.path), "is out of range");
        }
        fits
    }

    /// True or false.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        match self.take(name)? {
            Json::Bool(flag) => Some(flag),
            _ => self.not_a(name, "true or false"),
        }
    }

    /// A list of texts.
    pub fn texts(&mut self, name: &str) -> Option<Vec<Cow<'a, str>>> {
        let texts = match self.take(name)? {
            Json::List(list) => list
                .into_iter()
                .map(|item| match item {
                    Json::Text(text) => Some(text),
                    _ => None,
                })
                .collect(),
            _ => None,
        };
        texts.or_else(|| self.not_a(name, "a list of texts"))
    }

    /// A list.
    pub fn list(&mut self, name: &str) -> Option<Vec<Json<'a>>> {
        match self.take(name)? {
            Json::List(list) => Some(list),
            _ => self.not_a(name, "a list"),
        }
    }

    /// Something written as a text.
    pub fn parsed<T: std::str::FromStr<Err: fmt::Display>>(&mut self, name: &str) -> Option<T> {
        let text = self.text(name)?;
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.wrong(name, format!("is {error}"));
                None
            }
        }
    }

    /// A moment.
    pub fn moment(&mut self, name: &str) -> Option<Timestamp> {
        self.parsed(name)
    }

    /// An object inside; give it back to [`close`](Self::close).
    pub fn object(&mut self, name: &str) -> Option<Self> {
        match self.take(name)? {
            Json::Object(members) => {
                let path = format!("{}{name}/", self.path);
                Some(Self { path, members, wrong: Wrong::default() })
            }
            _ => self.not_a(name, "an object"),
        }
    }

    /// An object that is an item of a list.
    pub fn item(&mut self, name: &str, index: usize, item: Json<'a>) -> Option<Self> {
        match item {
            Json::Object(members) => {
                let path = format!("{}{name}/{index}/", self.path);
                Some(Self { path, members, wrong: Wrong::default() })
            }
            _ => self.not_a(&format!("{name}/{index}"), "an object"),
        }
    }

    /// Ends an object inside: what is wrong with it is wrong with this one.
    pub fn close(&mut self, mut inner: Self) {
        inner.refuse_left_over();
        self.wrong.append(inner.wrong);
    }

    /// A field that must be there.
    pub fn required<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Self, &str) -> Option<T>,
    ) -> Option<T> {
        if !self.has(name) {
            self.members.retain(|(known, _)| known != name);
            self.wrong(name, "is missing");
            return None;
        }
        read(self, name)
    }

    /// Every field was asked for.
    ///
    /// # Errors
    /// `invalid`, naming every field that was wrong or is left over: with status 400, unless all of
    /// them could be read and are only too small or too large.
    pub fn finish(mut self) -> Result<(), Refusal> {
        self.refuse_left_over();
        self.wrong.finish()
    }

    fn refuse_left_over(&mut self) {
        for (name, _) in std::mem::take(&mut self.members) {
            let shown: String = name.chars().take(40).collect();
            self.wrong(&shown, "is not a field of this request");
        }
    }

    fn not_a<T>(&mut self, name: &str, what: &str) -> Option<T> {
        self.wrong(name, format!("is not {what}"));
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(body: &str) -> String {
        Json::read(body.as_bytes()).expect_err(body).problem.detail
    }

    #[test]
    fn a_name_given_twice_is_refused_at_any_depth() {
        assert!(refused(r#"{"a":1,"a":2}"#).contains("given twice"));
        assert!(refused(r#"{"a":{"b":1,"b":2}}"#).contains("given twice"));
        assert!(refused(r#"{"a":1,"\u0061":2}"#).contains("given twice"));
    }

    #[test]
    fn depth_is_bounded_and_nothing_may_follow() {
        assert!(refused(&"[".repeat(100_000)).contains("nested too deeply"));
        assert!(refused("{} {}").contains("not JSON"));
        assert!(Json::read(b"{\"a\":\xff}").is_err());
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let body = r#"{"seats":"C5","ttl_s":"soon","colour":1,"best":{"count":-1,"size":3}}"#;
        let mut fields = Fields::read(body.as_bytes()).expect("an object");
        assert_eq!(fields.texts("seats"), None);
        assert_eq!(fields.number::<u32>("ttl_s"), None);
        let mut best = fields.object("best").expect("an object inside");
        assert_eq!(best.number::<u32>("count"), None);
        fields.close(best);
        assert_eq!(fields.required("show", Fields::number::<u32>), None);
        let errors = fields.finish().expect_err("wrong").problem.errors;
        let mut named: Vec<_> = errors.iter().map(|e| e.field.as_str()).collect();
        named.sort_unstable();
        assert_eq!(named, ["best/count", "best/size", "colour", "seats", "show", "ttl_s"]);
    }
}
