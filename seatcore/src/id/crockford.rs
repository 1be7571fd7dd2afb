//! Crockford's base 32: encoding of fixed-width numbers.

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The character of a value below 32.
pub(crate) fn symbol(value: u8) -> char {
    char::from(ALPHABET[usize::from(value & 31)])
}

/// What is no character of ours.
const FOREIGN: u8 = 32;
/// The values of ASCII, forgiving case and the letters that look like digits.
const VALUES: [u8; 128] = {
    let mut values = [FOREIGN; 128];
    let mut at = 0;
    while at < ALPHABET.len() {
        values[ALPHABET[at] as usize] = at as u8;
        values[ALPHABET[at].to_ascii_lowercase() as usize] = at as u8;
        at += 1;
    }
    (values[b'O' as usize], values[b'o' as usize]) = (0, 0);
    (values[b'I' as usize], values[b'i' as usize]) = (1, 1);
    (values[b'L' as usize], values[b'l' as usize]) = (1, 1);
    values
};

/// The value of a character.
pub(crate) fn value(symbol: char) -> Option<u8> {
    VALUES.get(symbol as usize).copied().filter(|value| *value != FOREIGN)
}

/// A number's characters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text<const WIDTH: usize>([u8; WIDTH]);

impl<const WIDTH: usize> Text<WIDTH> {
    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    #[must_use]
    pub(crate) fn in_lower_case(mut self) -> Self {
        self.0.make_ascii_lowercase();
        self
    }
}

/// Writes the low `5 * WIDTH` bits of `bits`, most significant first. Ids are printed with every
/// answer: without the formatter.
pub(crate) fn encode<const WIDTH: usize>(mut bits: u128) -> Text<WIDTH> {
    let mut text = [0; WIDTH];
    for place in text.iter_mut().rev() {
        *place = ALPHABET[(bits & 31) as usize];
        bits >>= 5;
    }
    Text(text)
}

/// Reads exactly `width` characters; `None` if one is foreign or the number overflows 128 bits.
pub(crate) fn decode(text: &str, width: usize) -> Option<u128> {
    if text.chars().count() != width {
        return None;
    }
    text.chars().try_fold(0_u128, |bits, symbol| {
        (bits >> 123 == 0).then_some(bits << 5 | u128::from(value(symbol)?))
    })
}

/// Writes 256 bits as 52 characters in lower case, most significant first; the last four bits of
/// the 260 are zero.
pub(crate) fn encode_secret(bytes: &[u8; 32]) -> String {
    let bit = |at: usize| bytes.get(at / 8).map_or(0, |byte| byte >> (7 - at % 8) & 1);
    let five = |place: usize| (0..5).fold(0, |sum, at| sum << 1 | bit(place * 5 + at));
    (0..52).map(|place| symbol(five(place)).to_ascii_lowercase()).collect()
}

/// Reads what [`encode_secret`] wrote, in either case.
pub(crate) fn decode_secret(text: &str) -> Option<[u8; 32]> {
    if text.len() != 52 {
        return None;
    }
    let mut bytes = [0_u8; 32];
    let (mut places, mut kept, mut width) = (bytes.iter_mut(), 0_u16, 0);
    for character in text.chars() {
        kept = kept << 5 | u16::from(value(character)?);
        width += 5;
        if width >= 8 {
            width -= 8;
            *places.next()? = (kept >> width) as u8;
            kept &= (1 << width) - 1;
        }
    }
    // Four bits are left of the last character.
    (width == 4 && kept == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_reads_back_and_forgives_case_and_likeness() {
        for bits in 0..32 {
            let text = encode::<1>(bits);
            for text in [text.as_str(), text.in_lower_case().as_str()] {
                assert_eq!(decode(text, 1), Some(bits), "{text}");
            }
        }
        assert_eq!(encode::<4>(0x8_7654).as_str(), "GXJM");
        assert_eq!("OoIiLl".chars().filter_map(value).collect::<Vec<_>>(), [0, 0, 1, 1, 1, 1]);
        assert!(['U', 'u', '-', ' ', '\u{660}', 'é'].into_iter().all(|c| value(c).is_none()));
    }

    #[test]
    fn a_secret_takes_52_characters_and_reads_back_in_either_case() {
        let bytes = std::array::from_fn(|at| (at * 37 + 5) as u8);
        let text = encode_secret(&bytes);
        assert_eq!((text.len(), decode_secret(&text)), (52, Some(bytes)));
        assert_eq!(decode_secret(&text.to_uppercase()), Some(bytes));
        let longer = format!("{text}0");
        for wrong in ["", &text[1..], &longer, &text.replace(&text[..1], "u")] {
            assert_eq!(decode_secret(wrong), None, "{wrong:?}");
        }
        assert_eq!(decode_secret(&"z".repeat(52)), None, "the last four bits are zero");
    }
}
