//! Crockford's base 32: encoding of fixed-width numbers.

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The character of a value below 32.
pub(crate) fn symbol(value: u8) -> char {
    char::from(ALPHABET[usize::from(value & 31)])
}

/// The value of a character, forgiving case and the letters that look like digits.
pub(crate) fn value(symbol: char) -> Option<u8> {
    let upper = match symbol.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    ALPHABET.iter().position(|&c| char::from(c) == upper).map(|at| at as u8)
}

/// Writes the low `5 * width` bits of `bits`, most significant first.
pub(crate) fn encode(bits: u128, width: u32) -> String {
    (0..width).rev().map(|place| symbol(((bits >> (5 * place)) & 31) as u8)).collect()
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
    let (mut bytes, mut at) = ([0_u8; 32], 0_usize);
    for character in text.chars() {
        let five = value(character)?;
        for bit in (0..5).map(|place| five >> (4 - place) & 1) {
            match bytes.get_mut(at / 8) {
                Some(byte) => *byte |= bit << (7 - at % 8),
                None if bit == 1 => return None,
                None => {}
            }
            at += 1;
        }
        if at > 260 {
            return None;
        }
    }
    (at == 260).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

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
