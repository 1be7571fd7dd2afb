//! Crockford's base 32: encoding of fixed-width numbers.

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The character of a value below 32.
pub(super) fn symbol(value: u8) -> char {
    char::from(ALPHABET[usize::from(value & 31)])
}

/// The value of a character, forgiving case and the letters that look like digits.
pub(super) fn value(symbol: char) -> Option<u8> {
    let upper = match symbol.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    ALPHABET.iter().position(|&c| char::from(c) == upper).map(|at| at as u8)
}

/// Writes the low `5 * width` bits of `bits`, most significant first.
pub(super) fn encode(bits: u128, width: u32) -> String {
    (0..width).rev().map(|place| symbol(((bits >> (5 * place)) & 31) as u8)).collect()
}

/// Reads exactly `width` characters; `None` if one is foreign or the number overflows 128 bits.
pub(super) fn decode(text: &str, width: usize) -> Option<u128> {
    if text.chars().count() != width {
        return None;
    }
    text.chars().try_fold(0_u128, |bits, symbol| {
        (bits >> 123 == 0).then_some(bits << 5 | u128::from(value(symbol)?))
    })
}
