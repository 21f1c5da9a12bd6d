//! Brings characters to one form without losing where they stood.

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// A text in lower case without accents, each character with the code point of the original that it comes from.
#[derive(Debug, Clone, Default)]
pub struct Normalised {
    /// Normalised character, code point in the original, and whether it was upper case there.
    pub chars: Vec<(char, usize, bool)>,
    /// How many invisible characters there were, and letters that imitate Latin ones inside Latin words.
    pub deceptive: usize,
    /// How many letters are neither Latin nor Greek (Greek letters serve as symbols).
    pub foreign: usize,
    /// How many letters there are in all.
    pub letters: usize,
    /// How many code points the original has.
    pub length: usize,
}

/// Normalises a text: compatibility forms, case, accents, quotes and dashes, invisible and look-alike characters.
pub fn normalise(text: &str) -> Normalised {
    let mut out = Normalised {
        chars: Vec::with_capacity(text.len()),
        ..Normalised::default()
    };
    let mut latin_before = false;
    let mut characters = text.chars().enumerate().peekable();
    while let Some((at, original)) = characters.next() {
        out.length = at + 1;
        if original.is_ascii() {
            let upper = original.is_ascii_uppercase();
            if original.is_ascii_alphabetic() {
                out.letters += 1;
            }
            latin_before = original.is_ascii_alphabetic();
            let kept = match original {
                '\n' => '\n',
                // A return by itself ends a line; before a line feed it's a part of the end.
                '\r' if characters.peek().is_some_and(|(_, next)| *next == '\n') => ' ',
                '\r' => '\n',
                c if c.is_ascii_control() => ' ',
                c => c.to_ascii_lowercase(),
            };
            out.chars.push((kept, at, upper));
            continue;
        }
        if is_invisible(original) {
            // A joiner between emoji and a mark at the very start are ordinary.
            if latin_before {
                out.deceptive += 1;
            }
            continue;
        }
        if is_combining_mark(original) {
            continue;
        }
        if let Some(same) = look_alike(original) {
            out.letters += 1;
            if latin_before {
                out.deceptive += 1;
                out.chars.push((same, at, original.is_uppercase()));
                continue;
            }
            out.foreign += 1;
            out.chars.push((lower(original), at, original.is_uppercase()));
            continue;
        }
        if original.is_alphabetic() {
            out.letters += 1;
        }
        let upper = original.is_uppercase();
        let mut latin = false;
        let chars = &mut out.chars;
        decompose_compatible(original, |part| {
            if is_combining_mark(part) {
                return;
            }
            let plain = match part {
                '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2032}' | '`' => '\'',
                '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{ab}' | '\u{bb}' => '"',
                '\u{2010}' | '\u{2011}' => '-',
                '\u{2012}'..='\u{2015}' => '\u{2014}',
                '\u{2022}' | '\u{25cf}' | '\u{25aa}' | '\u{2023}' | '\u{b7}' => '\u{2022}',
                '\u{2192}' | '\u{21d2}' => '\u{2192}',
                '\u{a0}' | '\u{2028}' | '\u{2029}' | '\u{85}' => ' ',
                c if c.is_whitespace() || c.is_control() => ' ',
                c => lower(c),
            };
            latin |= plain.is_ascii_alphabetic();
            chars.push((plain, at, upper));
        });
        if original.is_alphabetic() && !latin && !is_latin_or_greek(original) {
            out.foreign += 1;
        }
        latin_before = latin;
    }
    out
}

fn lower(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

fn is_latin_or_greek(c: char) -> bool {
    matches!(c, '\u{41}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' | '\u{370}'..='\u{3ff}')
}

fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}'
            | '\u{feff}' | '\u{e0000}'..='\u{e007f}' | '\u{fe00}'..='\u{fe0f}'
    )
}

/// The Latin letter that a Cyrillic or Greek one looks like.
fn look_alike(c: char) -> Option<char> {
    Some(match c {
        'а' | 'А' | 'α' => 'a',
        'В' => 'b',
        'с' | 'С' => 'c',
        'е' | 'Е' => 'e',
        'і' | 'І' => 'i',
        'ј' => 'j',
        'К' | 'к' => 'k',
        'М' => 'm',
        'Н' => 'h',
        'о' | 'О' | 'ο' => 'o',
        'р' | 'Р' => 'p',
        'ѕ' => 's',
        'Т' => 't',
        'у' => 'y',
        'х' | 'Х' => 'x',
        _ => return None,
    })
}
