//! Writes the content words of each line of standard input in their base forms, for `lexicon/derive_vectors.py`.

use std::io::{BufRead, Write};

use grading::lexicon::{is_function_word, lexicon};
use grading::text::{TokenKind, normalise, tokenise};

fn main() -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<String> = tokenise(&normalise(&line))
            .into_iter()
            .filter(|token| token.kind == TokenKind::Word)
            .map(|token| lexicon().lemma(&token.text))
            .filter(|lemma| lemma.len() > 1 && !is_function_word(lemma))
            .collect();
        writeln!(out, "{}", words.join(" "))?;
    }
    Ok(())
}
