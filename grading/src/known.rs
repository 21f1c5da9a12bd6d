//! Well-known claims: how people say them, and how they get them wrong. A statement that makes one of them is held against
//! those sentences too, so that an answer in quite other words is recognised, and so is a common error.
//!
//! The claims are data, in `lexicon/claims/`, a file a field.

use std::sync::OnceLock;

use crate::hash::QuickMap;
use crate::lexicon::{is_function_word, lexicon};

/// Lists files by name.
macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../lexicon/claims/", $name, ".txt")))),+]
    };
}

/// The files of claims: their names, and what they hold.
pub const FILES: &[(&str, &str)] = files![
    "accounting",
    "algorithms",
    "architecture",
    "authentication",
    "banking-insurance",
    "biology",
    "browsers",
    "caching",
    "care-sport",
    "chemistry",
    "cloud",
    "compilers-regex",
    "concurrency",
    "consistency",
    "construction",
    "containers",
    "cpp",
    "cryptography",
    "csharp-swift-php-ruby",
    "css-accessibility",
    "customer-service",
    "data-engineering",
    "data-structures",
    "database-operations",
    "deep-learning",
    "delivery",
    "design",
    "design-print",
    "earth-sky",
    "economics",
    "electrical",
    "embedded",
    "energy-utilities",
    "environment",
    "everyday-engineering",
    "farming",
    "finance",
    "food",
    "frontend-frameworks",
    "functional-types",
    "games",
    "git",
    "go",
    "graphics-robotics",
    "hardware",
    "health",
    "history",
    "http-apis",
    "human-resources",
    "incidents",
    "indexes",
    "java-kotlin",
    "javascript",
    "journalism",
    "kubernetes",
    "language-models",
    "languages",
    "law",
    "linux",
    "logistics",
    "machine-learning",
    "management",
    "manufacturing",
    "marketing",
    "mathematics",
    "mechanical",
    "memory",
    "messaging",
    "ml-operations",
    "mobile",
    "music-arts",
    "networking",
    "nosql",
    "observability",
    "photo-film-sound",
    "physics",
    "processes",
    "projects-quality",
    "psychology",
    "public-service",
    "python",
    "resilience",
    "rust",
    "sales-negotiation",
    "scaling",
    "search",
    "software-process",
    "sql",
    "statistics",
    "storage",
    "teaching",
    "testing",
    "transactions",
    "travel-transport",
    "vulnerabilities",
];

/// A claim that many rubrics make in some form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim<'t> {
    /// What it is about, in a few words.
    pub about: &'t str,
    /// The claim, in a plain sentence.
    pub statement: &'t str,
    /// The lines that follow.
    sentences: &'t str,
}

impl<'t> Claim<'t> {
    fn parse(text: &'t str) -> Option<Self> {
        let (about, rest) = text.split_once('\n')?;
        let (statement, sentences) = rest.split_once('\n')?;
        Some(Self {
            about: about.trim(),
            statement: statement.trim(),
            sentences,
        })
    }

    fn marked(&self, mark: &'static str) -> impl Iterator<Item = &'t str> + use<'t> {
        self.sentences
            .lines()
            .filter_map(move |line| line.strip_prefix(mark))
            .map(str::trim)
    }

    /// Other ways to say it.
    pub fn said(&self) -> impl Iterator<Item = &'t str> + use<'t> {
        self.marked("+ ")
    }

    /// Common errors: what contradicts it.
    pub fn mistaken(&self) -> impl Iterator<Item = &'t str> + use<'t> {
        self.marked("- ")
    }
}

/// Reads claims, one after the other: a line `# ABOUT`, the statement, then a line `+ …` for each other way to say it and a line
/// `- …` for each common error.
///
/// ```
/// let claims = grading::known::parse(
///     "# cache\nA cache is faster than a disk.\n+ what is cached is read sooner\n- the disk is quicker\n",
/// );
/// assert_eq!(claims[0].statement, "A cache is faster than a disk.");
/// assert_eq!(claims[0].mistaken().next(), Some("the disk is quicker"));
/// ```
pub fn parse(text: &str) -> Vec<Claim<'_>> {
    let blocks = text.split("\n# ");
    blocks
        .map(|block| block.trim_start_matches("# "))
        .filter_map(Claim::parse)
        .collect()
}

/// How near a claim must come to a statement to be taken for it; found by validation.
const NEAR: f32 = 0.35;
/// What a word of the prompt counts beside those of the statement.
const PROMPTED: f32 = 0.25;

/// A claim that comes near a statement.
#[derive(Debug, Clone, Copy)]
pub struct Near {
    /// The claim.
    pub claim: &'static Claim<'static>,
    /// The cosine of their words, each as much as it is rare: 0 to 1.
    pub likeness: f32,
}

/// The claims, to be found by their statements' words.
struct Known {
    claims: Vec<Claim<'static>>,
    /// By stem, the claims that state it.
    stated: QuickMap<String, Vec<u32>>,
    /// By claim, the length of its statement.
    lengths: Vec<f32>,
}

/// The well-known claim that a statement makes, if any: the nearest of those that come near it.
pub fn nearest(statement: &str, prompt: &str) -> Option<Near> {
    static KNOWN: OnceLock<Known> = OnceLock::new();
    KNOWN.get_or_init(Known::new).nearest(statement, prompt)
}

impl Known {
    fn new() -> Self {
        let claims: Vec<Claim<'_>> = FILES.iter().flat_map(|(_, text)| parse(text)).collect();
        let mut stated: QuickMap<String, Vec<u32>> = QuickMap::default();
        for (number, claim) in (0..).zip(&claims) {
            for stem in stems(claim.statement) {
                stated.entry(stem).or_default().push(number);
            }
        }
        let mut known = Self {
            lengths: vec![0.0; claims.len()],
            claims,
            stated,
        };
        let mut squares = vec![0.0_f32; known.claims.len()];
        for claims in known.stated.values() {
            let weight = known.rarity(claims.len());
            for claim in claims {
                if let Some(square) = squares.get_mut(*claim as usize) {
                    *square += weight * weight;
                }
            }
        }
        known.lengths = squares.into_iter().map(f32::sqrt).collect();
        known
    }

    /// What a word counts that stands in so many claims (inverse document frequency, Spärck Jones 1972).
    fn rarity(&self, claims: usize) -> f32 {
        ((self.claims.len() as f32 + 1.0) / (claims as f32 + 0.5)).ln()
    }

    fn nearest(&'static self, statement: &str, prompt: &str) -> Option<Near> {
        let own = stems(statement);
        let asked = stems(prompt);
        let around = asked.iter().filter(|stem| own.binary_search(stem).is_err());
        let words = own.iter().map(|stem| (stem, 1.0));
        let mut shared = vec![0.0_f32; self.claims.len()];
        let mut square = 0.0;
        for (stem, share) in words.chain(around.map(|stem| (stem, PROMPTED))) {
            let claims = self.stated.get(stem).map(Vec::as_slice).unwrap_or_default();
            let rarity = self.rarity(claims.len());
            square += (share * rarity).powi(2);
            for claim in claims {
                if let Some(shared) = shared.get_mut(*claim as usize) {
                    *shared += share * rarity * rarity;
                }
            }
        }
        let length = f32::sqrt(square);
        let likeness = |(shared, own): (&f32, &f32)| {
            let lengths = length * own;
            if lengths > 0.0 { shared / lengths } else { 0.0 }
        };
        let likenesses = shared.iter().zip(&self.lengths).map(likeness);
        let (likeness, claim) = likenesses.zip(&self.claims).fold(
            None,
            |best: Option<(f32, &'static Claim<'static>)>, (likeness, claim)| match best {
                Some((most, _)) if most >= likeness => best,
                _ => Some((likeness, claim)),
            },
        )?;
        (likeness >= NEAR).then_some(Near { claim, likeness })
    }
}

/// The words of a text that carry content, by what they share with their derivations, each once, in order.
fn stems(text: &str) -> Vec<String> {
    let lexicon = lexicon();
    let mut stems: Vec<String> = text
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| lexicon.lemma(&word.to_lowercase()))
        .filter(|lemma| !is_function_word(lemma))
        .map(|lemma| lexicon.stem(&lemma).into_owned())
        .collect();
    stems.sort_unstable();
    stems.dedup();
    stems
}
