//! Values that are text in JSON: they are read back as they are parsed.

/// Reads each of these with its `FromStr`.
macro_rules! deserialize_as_text {
    ($($name:ty),* $(,)?) => {
        $(impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                <String as serde::Deserialize>::deserialize(from)?
                    .parse()
                    .map_err(serde::de::Error::custom)
            }
        })*
    };
}
