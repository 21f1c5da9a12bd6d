//! Writes the content words of each line of standard input in their base forms, for `lexicon/derive_vectors.py`.

use std::io::{BufRead, Write};

use grading::lexicon::{is_function_word, lexicon};
use grading::text::{TokenKind, normalise, tokenise};

fn main() -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let mut words = Vec::new();
        tokenise(&normalise(&line), |token| {
            if token.kind == TokenKind::Word {
                words.push(lexicon().lemma(token.text));
            }
        });
        words.retain(|lemma| lemma.len() > 1 && !is_function_word(lemma));
        writeln!(out, "{}", words.join(" "))?;
    }
    Ok(())
}
