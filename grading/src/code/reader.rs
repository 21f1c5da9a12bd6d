//! Parses the code of an answer and finds what it shows.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::LazyLock;

use tree_sitter::{ParseOptions, Parser, Query, QueryCursor, QueryCursorOptions, StreamingIterator, Tree};

use super::language::{LANGUAGES, Language};
use super::listing::{Listing, inside};
use super::rules::{Item, Knowledge, Relations, Row, Rules};
use super::segment::Layout;
use super::stance::{Stance, denies, sets_apart, speaks_against, stance};

/// Something that code shows, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The language it was found in.
    pub language: &'static str,
    /// The fact's name.
    pub fact: String,
    /// Where the code starts in the answer, in Unicode code points.
    pub start: usize,
    /// Where it ends, exclusive, in Unicode code points.
    pub end: usize,
    /// The answer's own text between the two.
    pub quote: String,
    /// Whether the code stands in the middle of a sentence.
    pub is_inline: bool,
}

/// A language made ready: its patterns as one query, its rules, and which relation each pattern fills.
pub(super) struct Ready {
    pub language: &'static Language,
    query: Query,
    /// For each pattern: the relation and its captures in the order of its places.
    relations: Vec<(String, Vec<u32>)>,
    pub rules: Rules,
}

impl std::fmt::Debug for Ready {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ready")
            .field("language", &self.language.name)
            .finish_non_exhaustive()
    }
}

/// Every language, made ready once. A language whose data files hold a mistake is left out; a test sees to it that none does.
static READY: LazyLock<Vec<Ready>> = LazyLock::new(|| {
    LANGUAGES
        .iter()
        .filter_map(|language| Ready::new(language).ok())
        .collect()
});

/// The language of that name, made ready.
pub(super) fn ready(name: &str) -> Option<&'static Ready> {
    READY.iter().find(|ready| ready.language.name == name)
}

impl Ready {
    /// Reads a language's data files.
    pub fn new(language: &'static Language) -> Result<Self, String> {
        let grammar = tree_sitter::Language::new(language.grammar);
        let query = Query::new(&grammar, language.patterns).map_err(|why| format!("patterns: {why}"))?;
        let mut relations = Vec::new();
        for pattern in 0..query.pattern_count() {
            let row = query
                .property_settings(pattern)
                .iter()
                .find(|property| &*property.key == "is")
                .and_then(|property| property.value.as_deref())
                .ok_or_else(|| format!("pattern {pattern} names no relation"))?;
            let (name, places) = row
                .split_once('(')
                .ok_or_else(|| format!("`{row}` has no places"))?;
            let captures = places
                .trim_end_matches(')')
                .split(',')
                .map(|place| query.capture_index_for_name(place.trim()))
                .collect::<Option<Vec<u32>>>()
                .ok_or_else(|| format!("`{row}` names a capture that isn't there"))?;
            relations.push((name.trim().to_owned(), captures));
        }
        let known: Vec<&str> = relations.iter().map(|(name, _)| name.as_str()).collect();
        let rules = Rules::parse(language.facts, &known)?;
        Ok(Self {
            language,
            query,
            relations,
            rules,
        })
    }
}

/// Reads the code of an answer. Never runs it.
pub fn read(answer: &str, layout: &Layout) -> Vec<Finding> {
    let mut findings = Vec::new();
    if layout.listings.is_empty() {
        return findings;
    }
    for ready in READY.iter() {
        let mut gathered = Gathered::new(answer, layout);
        gathered.gather(ready);
        gathered.findings(ready, &mut findings);
    }
    to_code_points(answer, &mut findings);
    findings
}

/// Turns the findings' places from bytes into code points, and fills in their quotes.
fn to_code_points(answer: &str, findings: &mut [Finding]) {
    let mut places: Vec<usize> = findings
        .iter()
        .flat_map(|finding| [finding.start, finding.end])
        .collect();
    places.sort_unstable();
    places.dedup();
    let mut counted: HashMap<usize, usize> = HashMap::new();
    let (mut bytes, mut points) = (0, 0);
    for place in places {
        points += answer.get(bytes..place).map_or(0, |text| text.chars().count());
        bytes = place;
        counted.insert(place, points);
    }
    for finding in findings {
        finding.quote = answer
            .get(finding.start..finding.end)
            .unwrap_or_default()
            .to_owned();
        finding.start = counted.get(&finding.start).copied().unwrap_or(0);
        finding.end = counted.get(&finding.end).copied().unwrap_or(0);
    }
}

/// What was seen in all listings of one language, with places counted over all of them.
struct Gathered<'a> {
    answer: &'a str,
    layout: &'a Layout,
    items: Vec<Item>,
    numbers: HashMap<(usize, usize, u16), u32>,
    relations: Relations,
    /// Where each listing starts in the count, and the listing.
    bases: Vec<(usize, &'a Listing)>,
}

/// Stands in for the grammar's number of a node's kind where an item is a value that the answer shows.
const VALUE: u16 = u16::MAX;
/// The same for a name in a sentence.
const NAME: u16 = u16::MAX - 1;
/// The same for what an assertion says.
const TRUTH: u16 = u16::MAX - 2;

impl<'a> Gathered<'a> {
    fn new(answer: &'a str, layout: &'a Layout) -> Self {
        Self {
            answer,
            layout,
            items: Vec::new(),
            numbers: HashMap::new(),
            relations: Relations::new(),
            bases: Vec::new(),
        }
    }

    fn item(&mut self, start: usize, end: usize, kind: u16, text: &str) -> u32 {
        let next = self.items.len() as u32;
        let items = &mut self.items;
        *self.numbers.entry((start, end, kind)).or_insert_with(|| {
            items.push(Item {
                start,
                end,
                text: text.to_owned(),
            });
            next
        })
    }

    fn row(&mut self, relation: &str, row: Row) {
        match self.relations.get_mut(relation) {
            Some(rows) => rows.push(row),
            None => {
                self.relations.insert(relation.to_owned(), vec![row]);
            }
        }
    }

    /// Parses every listing and runs the language's patterns over it.
    fn gather(&mut self, ready: &Ready) {
        let grammar = tree_sitter::Language::new(ready.language.grammar);
        let mut parser = Parser::new();
        if parser.set_language(&grammar).is_err() {
            return;
        }
        let mut base = 0;
        let layout = self.layout;
        for listing in layout
            .listings
            .iter()
            .filter(|listing| listing.language.name == ready.language.name)
        {
            self.bases.push((base, listing));
            if let Some(tree) = parse(&mut parser, &listing.source) {
                self.match_patterns(ready, listing, &tree, base);
            }
            // A gap, so that nothing lies across two listings.
            base += listing.source.len() + 1;
        }
        for (start, end) in layout.at_names.iter().copied() {
            let text = self.answer.get(start..end).unwrap_or_default();
            let name = self.item(base + start, base + end, NAME, text);
            self.row("at-name", vec![name]);
        }
    }

    fn match_patterns(&mut self, ready: &Ready, listing: &'a Listing, tree: &Tree, base: usize) {
        let source = listing.source.as_bytes();
        let mut cursor = QueryCursor::new();
        cursor.set_match_limit(MATCHES_AT_ONCE);
        let mut steps = allowance(source.len());
        let mut stop = |_: &_| {
            steps = steps.saturating_sub(1);
            if steps == 0 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        let options = QueryCursorOptions::new().progress_callback(&mut stop);
        let mut matches = cursor.matches_with_options(&ready.query, tree.root_node(), source, options);
        let mut shown_after: Vec<(usize, u32)> = Vec::new();
        while let Some(found) = matches.next() {
            let Some((relation, captures)) = ready.relations.get(found.pattern_index) else {
                continue;
            };
            let mut row = Row::with_capacity(captures.len());
            for capture in captures {
                let Some(node) = found.nodes_for_capture_index(*capture).next() else {
                    break;
                };
                let text = listing.source.get(node.byte_range()).unwrap_or_default();
                row.push(self.item(
                    base + node.start_byte(),
                    base + node.end_byte(),
                    node.kind_id(),
                    text,
                ));
            }
            if row.len() != captures.len() {
                continue;
            }
            if relation == "stated" {
                // stated(statement, expression): what stands behind the statement is what the expression gives.
                let end_of = |place: usize| {
                    row.get(place)
                        .and_then(|item| self.items.get(*item as usize))
                        .map(|item| item.end)
                };
                if let (Some(end), Some(expression)) = (end_of(0), row.get(1)) {
                    shown_after.push((end - base, *expression));
                }
            } else if relation == "asserted" {
                if let Some(item) = row.first().and_then(|item| self.items.get(*item as usize)) {
                    let (start, end) = (item.start, item.end);
                    let truth = self.item(start, end, TRUTH, "True");
                    if let Some(expression) = row.first() {
                        self.row("shown", vec![*expression, truth]);
                    }
                }
            } else {
                self.row(relation, row);
            }
        }
        for value in &listing.values {
            for (end, expression) in &shown_after {
                if *end == value.code_end {
                    let place = base + value.code_end;
                    let out = self.item(place, place + 1, VALUE, &value.text);
                    self.row("shown", vec![*expression, out]);
                }
            }
        }
    }

    /// Applies the rules and notes what they found.
    fn findings(mut self, ready: &Ready, findings: &mut Vec<Finding>) {
        let mut relations = std::mem::take(&mut self.relations);
        ready.rules.apply(&self.items, &mut relations, &self);
        for fact in &ready.rules.facts {
            for row in relations.get(&fact.name).map_or(&[][..], Vec::as_slice) {
                let Some(item) = row.first().and_then(|item| self.items.get(*item as usize)) else {
                    continue;
                };
                let Some((base, listing)) = self.listing_at(item.start) else {
                    continue;
                };
                let (start, end) = match self.value_place(listing, item, base) {
                    Some(place) => place,
                    None => listing.original(item.start - base, item.end - base),
                };
                findings.push(Finding {
                    language: ready.language.name,
                    fact: fact.name.clone(),
                    start,
                    end,
                    quote: String::new(),
                    is_inline: listing.is_inline,
                });
            }
        }
    }

    /// The place in the answer of a shown value.
    fn value_place(&self, listing: &Listing, item: &Item, base: usize) -> Option<(usize, usize)> {
        let number = self.numbers.get(&(item.start, item.end, VALUE))?;
        let known = self.items.get(*number as usize)?;
        (known == item).then_some(())?;
        let value = listing
            .values
            .iter()
            .find(|value| base + value.code_end == item.start)?;
        Some((value.start, value.start + value.text.len()))
    }

    fn listing_at(&self, place: usize) -> Option<(usize, &'a Listing)> {
        let next = self.bases.partition_point(|(base, _)| *base <= place);
        self.bases.get(next.checked_sub(1)?).copied()
    }

    /// The piece of code in a sentence that an item belongs to, if it does.
    fn inline_at(&self, item: &Item) -> Option<&'a Listing> {
        self.listing_at(item.start)
            .map(|(_, listing)| listing)
            .filter(|listing| listing.is_inline)
    }

    /// How the answer presents the code at that place: by the function's name, the comment above it, or the words before.
    fn stance_at(&self, item: &Item) -> Stance {
        let Some((base, listing)) = self.listing_at(item.start) else {
            return Stance::Open;
        };
        let at = item.start - base;
        if listing.is_inline {
            return stance(clause_before(self.answer, listing.begin));
        }
        let source = listing.source.as_str();
        // The top-level statement that the code is part of starts at the last line without an indent.
        let before = source.get(..at).unwrap_or_default();
        let mut top = 0;
        let mut line_start = 0;
        for line in before.split_inclusive('\n') {
            let plain = line.starts_with(|c: char| !c.is_whitespace() && c != '#' && c != ')');
            if plain {
                top = line_start;
            }
            line_start += line.len();
        }
        let head = source
            .get(top..)
            .unwrap_or_default()
            .lines()
            .next()
            .unwrap_or_default();
        let name = head.split('(').next().unwrap_or_default();
        let comment = head.split_once('#').map_or("", |(_, comment)| comment);
        for words in [name, comment] {
            match stance(words) {
                Stance::Open => {}
                found => return found,
            }
        }
        let above = source.get(..top).unwrap_or_default().trim_end();
        let last_line = above.lines().next_back().unwrap_or_default().trim_start();
        if last_line.starts_with('#') {
            return stance(last_line);
        }
        if above.is_empty() {
            return stance(clause_before(self.answer, listing.begin));
        }
        Stance::Open
    }
}

/// The words of the sentence before that byte.
fn clause_before(answer: &str, at: usize) -> &str {
    let text = answer.get(..at).unwrap_or_default();
    let text = text.trim_end_matches(|c: char| {
        c.is_whitespace() || c == '`' || c == '"' || c == '\'' || c == ':' || c == '.' || c == '('
    });
    let mut from = text.len().saturating_sub(160);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let text = text.get(from..).unwrap_or_default();
    let start = ["\n", ". ", "; ", "! ", "? ", ", ", "): ", " but "]
        .iter()
        .filter_map(|mark| text.rfind(mark).map(|at| at + mark.len()))
        .max();
    text.get(start.unwrap_or(0)..).unwrap_or_default()
}

/// The words of the sentence behind that byte.
fn clause_behind(answer: &str, at: usize) -> &str {
    let text = answer
        .get(at..)
        .unwrap_or_default()
        .trim_start_matches(['`', '"', ')']);
    let end = ["\n", ". ", "; ", "! ", "? ", ", "]
        .iter()
        .filter_map(|mark| text.find(mark))
        .min()
        .unwrap_or(text.len());
    let mut end = end.min(160);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

impl Knowledge for Gathered<'_> {
    fn holds(&self, test: &str, items: &[&Item]) -> Option<bool> {
        let first = items.first()?;
        let second = items.get(1).map_or("", |item| item.text.as_str());
        let value = first.text.trim();
        Some(match test {
            "is-true" => value.starts_with("True"),
            "is-false" => value.starts_with("False"),
            "is-empty" => [
                "[]",
                "0",
                "()",
                "set()",
                "{}",
                "StopIteration",
                "empty",
                "nothing",
                "None",
            ]
            .iter()
            .any(|empty| {
                value
                    .strip_prefix(empty)
                    .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '.'))
            }),
            "grew" => match (inside(value), inside(second)) {
                (Some(a), Some(b)) => {
                    !a.trim().is_empty() && b.len() > a.len() && b.starts_with(a.trim_end())
                }
                _ => false,
            },
            "apart" => match (inside(value), inside(second)) {
                (Some(a), Some(b)) => {
                    !a.is_empty() && !b.is_empty() && a != b && !b.starts_with(a) && !b.contains(',')
                }
                _ => false,
            },
            "mentions" => inside(value).is_some_and(|value| has_word(value, second)),
            "offered" => self.stance_at(first) == Stance::Offered,
            "blamed" => self.stance_at(first) == Stance::Blamed,
            "denied" => self.inline_at(first).is_some_and(|listing| {
                let before = clause_before(self.answer, listing.begin);
                denies(before)
                    || sets_apart(before)
                    || speaks_against(clause_behind(self.answer, listing.end()))
            }),
            "differs" => self
                .inline_at(first)
                .is_some_and(|listing| sets_apart(clause_before(self.answer, listing.begin))),
            "inline" => self.inline_at(first).is_some(),
            _ => return None,
        })
    }
}

/// Whether a literal stands in a shown value as a whole.
fn has_word(text: &str, word: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    !word.is_empty()
        && text.match_indices(word).any(|(at, _)| {
            let before = text.get(..at).and_then(|before| before.chars().next_back());
            let after = text.get(at + word.len()..).and_then(|after| after.chars().next());
            !before.is_some_and(is_word) && !after.is_some_and(is_word)
        })
}

/// Matches that tree-sitter follows at the same time.
const MATCHES_AT_ONCE: u32 = 1024;

/// How often tree-sitter may ask whether to go on, for so many bytes. It asks about once in a hundred steps; sound code needs
/// a tenth of this.
fn allowance(bytes: usize) -> usize {
    200 + bytes / 8
}

/// Parses, unless it takes far longer than code of that length should.
fn parse(parser: &mut Parser, source: &str) -> Option<Tree> {
    let bytes = source.as_bytes();
    let mut steps = allowance(bytes.len());
    let mut stop = |_: &_| {
        steps = steps.saturating_sub(1);
        if steps == 0 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let options = ParseOptions::new().progress_callback(&mut stop);
    let tree = parser.parse_with_options(
        &mut |at, _| bytes.get(at..).unwrap_or_default(),
        None,
        Some(options),
    );
    if tree.is_none() {
        parser.reset();
    }
    tree
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg_attr(miri, ignore = "the parser of code is C")]
    fn every_language_is_sound() {
        for language in LANGUAGES {
            if let Err(why) = Ready::new(language) {
                panic!("{}: {why}", language.name);
            }
        }
    }
}
