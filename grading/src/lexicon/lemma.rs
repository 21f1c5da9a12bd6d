//! Base forms: "released" is a form of "release".

use std::borrow::Cow;

use super::Lexicon;

impl Lexicon {
    /// The base form of a normalised word; the word itself where none is known.
    pub fn lemma(&self, word: &str) -> Cow<'static, str> {
        if let Some(function_word) = self.function_words.get(word) {
            return Cow::Borrowed(function_word.lemma);
        }
        self.base(word).unwrap_or_else(|| self.spelt(word))
    }

    /// A word in the lexicon's own letters, where they are there.
    pub(crate) fn spelt(&self, word: &str) -> Cow<'static, str> {
        let known = self.words.get_key_value(word).map(|(word, _)| *word);
        let known = known
            .or_else(|| self.function_words.get_key_value(word).map(|(word, _)| *word))
            .or_else(|| self.forms.get_key_value(word).map(|(word, _)| *word));
        known.map_or_else(|| Cow::Owned(word.to_owned()), Cow::Borrowed)
    }

    /// The base form of a word, where it is another than the word itself.
    pub(super) fn base(&self, word: &str) -> Option<Cow<'static, str>> {
        if !word.is_ascii() || word.len() < 3 {
            return matches!(word, "is" | "am").then_some(Cow::Borrowed("be"));
        }
        match word {
            "are" | "was" | "were" | "been" | "being" => return Some(Cow::Borrowed("be")),
            "has" | "had" | "having" => return Some(Cow::Borrowed("have")),
            "does" | "did" | "done" | "doing" => return Some(Cow::Borrowed("do")),
            "means" => return Some(Cow::Borrowed("mean")),
            "this" | "its" | "always" | "less" | "unless" | "perhaps" | "thus" | "whereas" | "besides"
            | "various" | "data" | "us" | "his" | "does't" | "during" | "nothing" | "something"
            | "anything" | "everything" | "left" | "need" | "process" | "access" | "css" | "https"
            | "others" | "once" | "best" | "most" | "https:" | "class" | "focus" | "sometimes"
            | "afterwards" => return None,
            _ => {}
        }
        let american = american(word);
        let word = american.as_deref().unwrap_or(word);
        if let Some(base) = self.forms.get(word) {
            return Some(Cow::Borrowed(base));
        }
        let mut candidate = String::new();
        for (stem, ending) in candidates(word) {
            candidate.clear();
            candidate.push_str(stem);
            candidate.push_str(ending);
            if let Some((known, _)) = self.words.get_key_value(candidate.as_str())
                && !self.keeps(word, known)
            {
                return Some(Cow::Borrowed(known));
            }
        }
        if !self.words.contains_key(word) {
            // Unknown words lose a plural "s", so that "mutexes" and "mutex", "coroutines" and "coroutine" meet.
            let singular = word
                .strip_suffix("es")
                .filter(|s| s.ends_with(['x', 's']) || s.ends_with("ch"))
                .or_else(|| {
                    word.strip_suffix('s')
                        .filter(|s| s.len() > 2 && !s.ends_with(['s', 'u', 'i']))
                });
            if let Some(singular) = singular {
                return Some(Cow::Owned(singular.to_owned()));
            }
        }
        american.map(|word| self.spelt(&word))
    }

    /// Words that look inflected but are better left alone: they are used much more than what they would derive from.
    fn keeps(&self, word: &str, base: &str) -> bool {
        (word.ends_with("er") || word.ends_with("est"))
            && (!self.parts(base).starts_with('a') && !self.parts(base).starts_with('r'))
            || word.ends_with("er")
                && self.parts(word).starts_with('n')
                && self.count(word) > self.count(base)
            || (word.ends_with("ss") || word.ends_with("us"))
    }
}

/// What a word may be a form of, each in two parts, the likelier ones first.
fn candidates(word: &str) -> Vec<(&str, &'static str)> {
    let mut out = Vec::new();
    let mut add = |stem, ending| out.push((stem, ending));
    if let Some(stem) = word.strip_suffix("ies") {
        add(stem, "y");
        add(stem, "ie");
    } else if let Some(stem) = word.strip_suffix("es") {
        add(stem, "e");
        add(stem, "");
    } else if let Some(stem) = word.strip_suffix('s').filter(|s| !s.ends_with(['s', 'u'])) {
        add(stem, "");
    }
    for suffix in ["ed", "ing", "er", "est"] {
        if let Some(stem) = word.strip_suffix(suffix).filter(|s| s.len() >= 2) {
            if let Some(short) = stem.strip_suffix('i')
                && suffix != "ing"
            {
                add(short, "y");
            }
            let mut last = stem.chars().rev();
            if let (Some(a), Some(b)) = (last.next(), last.next())
                && a == b
                && !matches!(a, 's' | 'l' | 'e' | 'o' | 'z' | 'f')
            {
                add(stem.get(..stem.len() - 1).unwrap_or(stem), "");
                continue;
            }
            let e_first = !matches!(suffix, "er" | "est") && !stem.ends_with(['w', 'x', 'y']);
            if e_first && !ends_in_two_consonants(stem) {
                add(stem, "e");
                add(stem, "");
            } else {
                add(stem, "");
                add(stem, "e");
            }
            if let Some(single) = stem.strip_suffix("ll") {
                add(single, "l");
            }
        }
    }
    out
}

fn ends_in_two_consonants(stem: &str) -> bool {
    let mut last = stem.chars().rev();
    let consonant = |c: Option<char>| c.is_some_and(|c| !matches!(c, 'a' | 'e' | 'i' | 'o' | 'u'));
    let end = last.next();
    consonant(end) && consonant(last.next()) && !matches!(end, Some('c' | 'g' | 'v' | 's' | 'l' | 'z')) || {
        // Vowel, vowel, consonant: "read", "need", "load".
        let mut last = stem.chars().rev();
        let end = last.next();
        consonant(end)
            && !consonant(last.next())
            && !consonant(last.next())
            && !matches!(end, Some('s' | 'v' | 'c' | 'g' | 'z'))
    }
}

/// American spelling of a British one, which is what WordNet's entries are commonly filed under.
fn american(word: &str) -> Option<String> {
    const ENDINGS: &[(&str, &str)] = &[
        ("isation", "ization"),
        ("isations", "izations"),
        ("ise", "ize"),
        ("ises", "izes"),
        ("ised", "ized"),
        ("ising", "izing"),
        ("iser", "izer"),
        ("yse", "yze"),
        ("ysed", "yzed"),
        ("yses", "yzes"),
        ("ysing", "yzing"),
        ("iour", "ior"),
        ("iours", "iors"),
        ("colour", "color"),
        ("colours", "colors"),
        ("favour", "favor"),
        ("labour", "labor"),
        ("honour", "honor"),
        ("neighbour", "neighbor"),
        ("neighbours", "neighbors"),
        ("centre", "center"),
        ("centres", "centers"),
        ("metre", "meter"),
        ("litre", "liter"),
        ("fibre", "fiber"),
        ("defence", "defense"),
        ("licence", "license"),
        ("catalogue", "catalog"),
        ("programme", "program"),
        ("programmes", "programs"),
    ];
    const KEPT: &[&str] = &[
        "rise",
        "rises",
        "wise",
        "raise",
        "raised",
        "raises",
        "raising",
        "rising",
        "exercise",
        "promise",
        "promised",
        "precise",
        "otherwise",
        "likewise",
        "noise",
        "surprise",
        "enterprise",
        "advise",
        "revise",
        "devise",
        "disguise",
        "exercised",
        "exercises",
        "advised",
        "revised",
        "arise",
        "arises",
        "arising",
        "comprise",
        "comprises",
        "franchise",
        "supervise",
        "supervised",
        "expertise",
        "premise",
        "premises",
        "concise",
        "compromise",
        "compromised",
        "improvise",
        "clockwise",
        "surprised",
        "surprising",
        "praise",
        "poise",
        "cruise",
        "bruise",
        "appraise",
        "appraised",
        "merchandise",
        "advertise",
        "advertised",
        "advertising",
        "televise",
        "excise",
        "incise",
        "demise",
        "guise",
        "paradise",
        "treatise",
    ];
    let (stem, american) = ENDINGS
        .iter()
        .find_map(|(british, american)| word.strip_suffix(british).map(|stem| (stem, american)))?;
    let changes = (stem.len() >= 3 || american.len() > 4) && !KEPT.contains(&word);
    changes.then(|| format!("{stem}{american}"))
}
