//! Finds the code in an answer: in fences, pasted as it is, from an interactive session, or in the middle of a sentence.

use super::language::{Carry, LANGUAGES, Language, Look, Piece, tagged};
use super::listing::{Listing, Shown};

/// What a part of an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SegmentKind {
    /// Sentences.
    Prose,
    /// Code, and the marks around it.
    Code,
    /// A comment inside code: prose after all.
    Comment,
    /// A string inside code: prose after all.
    Text,
}

/// A part of an answer. The segments of an answer cover it in order without gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// What it is.
    pub kind: SegmentKind,
    /// Where it starts in the answer, in bytes.
    pub start: usize,
    /// Where it ends, exclusive, in bytes.
    pub end: usize,
}

/// Bytes of code that are read from one answer; what goes beyond is still told from prose, but shows nothing. Nobody writes
/// that much code in an interview, and it bounds the time that a hostile answer can take.
const MOST_CODE: usize = 16 * 1024;
/// Pieces of code in sentences that are read from one answer.
const MOST_SNIPPETS: usize = 64;
/// Bytes that one piece of code in a sentence may have.
const LONGEST_SNIPPET: usize = 300;
/// Lines that are looked at in vain, in one answer, for where code pasted as it is may end.
const MOST_VAIN_LINES: usize = 2000;
/// Lines that one open bracket or string may span.
const LONGEST_STATEMENT: usize = 60;
/// Lines of output that an interactive session may print behind one prompt, outside a fence.
const MOST_OUTPUT: usize = 4;

/// An answer taken apart.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    pub(super) segments: Vec<Segment>,
    pub(super) listings: Vec<Listing>,
    pub(super) at_names: Vec<(usize, usize)>,
}

impl Layout {
    /// The answer's parts, in order.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// Whether any part of the answer is code of its own, not counting code in sentences.
    pub fn has_code(&self) -> bool {
        self.segments
            .iter()
            .any(|segment| segment.kind == SegmentKind::Code)
    }

    /// The answer with code blanked out, one space for each character, so that places stay the same in code points. Comments
    /// and strings stay, line breaks too.
    pub fn prose(&self, answer: &str) -> String {
        let mut prose = String::with_capacity(answer.len());
        for segment in &self.segments {
            let text = answer.get(segment.start..segment.end).unwrap_or_default();
            match segment.kind {
                SegmentKind::Code => {
                    prose.extend(text.chars().map(|c| if c == '\n' || c == '\r' { c } else { ' ' }))
                }
                _ => prose.push_str(text),
            }
        }
        prose
    }
}

/// A line of the answer, without its line break.
#[derive(Debug, Clone, Copy)]
struct Line<'a> {
    start: usize,
    text: &'a str,
}

/// Takes an answer apart. Linear in its length.
pub fn split(answer: &str) -> Layout {
    let mut splitter = Splitter {
        answer,
        layout: Layout::default(),
        code_bytes: 0,
        snippets: 0,
        vain_lines: 0,
        done: 0,
    };
    let lines = lines_of(answer);
    let mut at = 0;
    while at < lines.len() {
        at = splitter
            .take_fence(&lines, at)
            .or_else(|| splitter.take_pasted(&lines, at))
            .unwrap_or(at + 1);
    }
    splitter.finish()
}

/// The lines of a text with their places.
fn lines_of(text: &str) -> Vec<Line<'_>> {
    let mut start = 0;
    // A line ends with a line feed, with a return and a line feed, or with a return.
    text.split_inclusive('\n')
        .flat_map(|line| {
            let body = line.trim_end_matches(['\n', '\r']);
            let (before, last) = line.split_at(body.rfind('\r').map_or(0, |at| at + 1));
            before.split_inclusive('\r').chain(std::iter::once(last))
        })
        .map(|raw| {
            let line = Line {
                start,
                text: raw.trim_end_matches(['\n', '\r']),
            };
            start += raw.len();
            line
        })
        .collect()
}

/// The place of a fence in a line and its length in bytes.
fn fence_in(line: &str) -> Option<(usize, usize)> {
    ["```", "~~~"]
        .iter()
        .filter_map(|mark| {
            let at = line.find(mark)?;
            if *mark == "~~~" && !line.get(..at)?.trim().is_empty() {
                return None;
            }
            let first = mark.chars().next()?;
            let rest = line.get(at..)?;
            Some((at, rest.len() - rest.trim_start_matches(first).len()))
        })
        .min()
}

struct Splitter<'a> {
    answer: &'a str,
    layout: Layout,
    code_bytes: usize,
    snippets: usize,
    vain_lines: usize,
    /// Up to where the answer has been put into segments.
    done: usize,
}

impl<'a> Splitter<'a> {
    /// Takes a fenced block that opens on that line; gives the line behind it.
    fn take_fence(&mut self, lines: &[Line<'a>], at: usize) -> Option<usize> {
        let line = lines.get(at)?;
        let (mark, length) = fence_in(line.text)?;
        let behind = line.text.get(mark + length..)?;
        let tag: String = behind
            .trim()
            .chars()
            .take_while(|c| !c.is_whitespace() && *c != '{')
            .collect();
        if behind.contains("```") {
            // A fence opened and closed within one line is read as code in a sentence.
            return None;
        }
        let (tag, first) = if tag.is_empty() || behind.trim() == tag {
            (tag, None)
        } else {
            (String::new(), Some(mark + length))
        };
        let mut body: Vec<Line<'a>> = Vec::new();
        if let Some(from) = first {
            body.push(Line {
                start: line.start + from,
                text: line.text.get(from..)?,
            });
        }
        let mut next = at + 1;
        let mut tail = None;
        while let Some(line) = lines.get(next) {
            next += 1;
            if let Some((close, length)) = fence_in(line.text) {
                body.push(Line {
                    start: line.start,
                    text: line.text.get(..close)?,
                });
                tail = Some((line.start + close, line.start + close + length));
                break;
            }
            body.push(*line);
        }
        let looks_like_code = |language: &Language| {
            let mut carry = Carry::default();
            let (mut code, mut prose) = (0, 0);
            for line in &body {
                match (language.look)(line.text, &mut carry) {
                    Look::Certain | Look::Prompt(_) => code += 2,
                    Look::Likely => code += 1,
                    Look::Prose => prose += 1,
                    _ => {}
                }
            }
            code > prose
        };
        let language = match tagged(&tag) {
            Some(language) => Some(language),
            None if !tag.is_empty()
                && !matches!(
                    tag.as_str(),
                    "text" | "txt" | "plain" | "md" | "markdown" | "console"
                ) =>
            {
                // A language that nobody taught the reader: no prose either.
                self.prose_to(line.start + mark);
                self.code_to(tail.map_or(self.answer.len().min(body_end(&body)), |(_, end)| end));
                return Some(next);
            }
            None => LANGUAGES.iter().find(|language| looks_like_code(language)),
        };
        self.prose_to(line.start + mark);
        let opening = body
            .first()
            .map_or(line.start + line.text.len(), |first| first.start);
        self.code_to(if first.is_some() {
            line.start + mark + length
        } else {
            opening
        });
        match language {
            Some(language) => self.take_body(language, &body, line.start + mark, true),
            None => self.prose_to(body_end(&body).max(self.done)),
        }
        if let Some((start, end)) = tail {
            if language.is_some() {
                self.code_to(start);
            } else {
                self.prose_to(start);
            }
            self.code_to(end);
            // What stands behind the closing mark on its line is read as prose.
        }
        Some(next)
    }

    /// Takes code pasted as it is from that line on; gives the line behind it.
    fn take_pasted(&mut self, lines: &[Line<'a>], at: usize) -> Option<usize> {
        let language = LANGUAGES.iter().find(|language| {
            let mut carry = Carry::default();
            let line = lines.get(at).map_or("", |line| line.text);
            match (language.look)(line, &mut carry) {
                Look::Certain | Look::Prompt(_) => true,
                Look::Likely => self.vain_lines < MOST_VAIN_LINES,
                // A comment belongs to the code right below it.
                Look::Comment => lines.get(at + 1).is_some_and(|next| {
                    matches!(
                        (language.look)(next.text, &mut Carry::default()),
                        Look::Certain | Look::Prompt(_)
                    )
                }),
                _ => false,
            }
        })?;
        let mut carry = Carry::default();
        let (mut end, mut next, mut open_since) = (at, at, at);
        let (mut strong, mut certain) = (0_u32, false);
        let mut after_prompt = 0;
        while let Some(line) = lines.get(next) {
            if fence_in(line.text).is_some() && carry.quote.is_none() {
                break;
            }
            if !carry.is_open() {
                open_since = next;
            } else if next - open_since > LONGEST_STATEMENT {
                break;
            }
            let was_open = carry.is_open();
            let indented = line.text.starts_with([' ', '\t']);
            let look = (language.look)(line.text, &mut carry);
            let belongs = match look {
                Look::Certain => {
                    certain = true;
                    strong += 1;
                    true
                }
                Look::Prompt(_) => {
                    certain = true;
                    after_prompt = MOST_OUTPUT + 1;
                    true
                }
                Look::Likely => {
                    strong += 1;
                    true
                }
                Look::Comment => true,
                Look::Possible => {
                    was_open
                        || after_prompt > 0
                        || (certain || strong > 1) && (indented || is_expression(line.text))
                }
                Look::Blank => {
                    // Code goes on behind a blank line only with more code.
                    let follows = lines
                        .iter()
                        .skip(next + 1)
                        .take(3)
                        .find(|line| !line.text.trim().is_empty());
                    let goes_on = follows.is_some_and(|line| {
                        let look = (language.look)(line.text, &mut Carry::default());
                        matches!(look, Look::Certain | Look::Likely | Look::Prompt(_))
                            || look == Look::Comment
                            || look == Look::Possible && line.text.starts_with([' ', '\t'])
                    });
                    if !goes_on && !was_open {
                        break;
                    }
                    true
                }
                Look::Prose => after_prompt > 1 && !line.text.ends_with(['.', '?', ':']),
            };
            after_prompt = after_prompt.saturating_sub(1);
            if !belongs {
                break;
            }
            next += 1;
            if look != Look::Blank {
                end = next;
            }
        }
        // Nothing closes what was opened: then only the first line is sure.
        let mut taken = lines.get(at..end)?;
        if carry.quote.is_some() && certain {
            taken = lines.get(at..open_since.max(at + 1))?;
        }
        if !(certain || strong > 1 || strong == 1 && stands_alone(lines, at, end)) {
            self.vain_lines += next - at;
            return None;
        }
        let first = taken.first()?;
        self.prose_to(first.start);
        self.take_body(language, taken, first.start, false);
        Some(at + taken.len())
    }

    /// Puts the lines of a block into segments and into a listing. `from` is where the block begins with its fence.
    fn take_body(&mut self, language: &'static Language, body: &[Line<'a>], from: usize, is_fenced: bool) {
        let mut listing = Listing::new(language, false, from);
        let common = body
            .iter()
            .filter(|line| !line.text.trim().is_empty())
            .map(|line| line.text.len() - line.text.trim_start_matches([' ', '\t']).len())
            .min()
            .unwrap_or(0);
        let session = body.iter().any(|line| line.text.trim_start().starts_with(">>>"));
        let mut carry = Carry::default();
        let mut open_lines = 0;
        for line in body {
            if !carry.is_open() {
                open_lines = 0;
            } else if open_lines > LONGEST_STATEMENT {
                carry = Carry::default();
            }
            open_lines += 1;
            let before = carry;
            let look = (language.look)(line.text, &mut carry);
            let line_end = line.start + line.text.len();
            let prompt = match look {
                Look::Prompt(code) => Some(code),
                _ => None,
            };
            if session && prompt.is_none() && !before.is_open() {
                // What an interactive session printed. A comment behind it is prose.
                carry = Carry::default();
                let comment = line.text.find('#').unwrap_or(line.text.len());
                listing.show(
                    Shown::Output,
                    line.start,
                    line.text.get(..comment).unwrap_or_default(),
                );
                self.code_to(line.start + comment);
                self.aside_to(SegmentKind::Comment, line_end);
                continue;
            }
            if look == Look::Prose && (!is_fenced || is_sentence(line.text)) {
                carry = Carry::default();
                self.prose_to(line_end);
                continue;
            }
            let from = prompt.unwrap_or(common.min(line.text.len() - line.text.trim_start().len()));
            let code = line.text.get(from..).unwrap_or_default();
            let mut inner = if prompt.is_some() {
                Carry::default()
            } else {
                before
            };
            let asides = (language.asides)(code, &mut inner);
            if self.code_bytes + code.len() <= MOST_CODE {
                self.code_bytes += code.len();
                match (language.repair)(code) {
                    Some((end, keyword)) if look == Look::Possible => {
                        let indent = code.len() - code.trim_start().len();
                        listing.piece(line.start + from, code.get(..indent).unwrap_or_default());
                        listing.added(keyword);
                        listing.piece(line.start + from + end, code.get(end..).unwrap_or_default());
                        listing.added("\n");
                    }
                    _ => listing.line(line.start + from, code, &asides),
                }
            }
            for aside in &asides {
                self.code_to(line.start + from + aside.start);
                let kind = if aside.is_comment {
                    SegmentKind::Comment
                } else {
                    SegmentKind::Text
                };
                if aside.is_comment {
                    self.inline(
                        language,
                        line.start + from + aside.start,
                        code.get(aside.start..aside.end).unwrap_or_default(),
                    );
                }
                self.aside_to(kind, line.start + from + aside.end);
            }
            self.code_to(line_end);
        }
        self.layout.listings.push(listing);
    }

    /// Puts everything up to that byte down as prose, and reads the code in its sentences.
    fn prose_to(&mut self, end: usize) {
        let text = self.answer.get(self.done..end).unwrap_or_default();
        let start = self.done;
        for line in lines_of(text) {
            for language in LANGUAGES {
                self.inline(language, start + line.start, line.text);
            }
            let mut names = line.text;
            while let Some(at) = names.find('@') {
                names = names.get(at + 1..).unwrap_or_default();
                let length = names
                    .find(|c: char| !(c.is_alphanumeric() || c == '_'))
                    .unwrap_or(names.len());
                if length > 0 && self.layout.at_names.len() < MOST_SNIPPETS {
                    let at = start + line.start + (line.text.len() - names.len());
                    self.layout.at_names.push((at, at + length));
                }
            }
        }
        self.push(SegmentKind::Prose, end);
    }

    /// Reads the code in one line of prose.
    fn inline(&mut self, language: &'static Language, start: usize, line: &str) {
        if self.snippets >= MOST_SNIPPETS {
            return;
        }
        for snippet in (language.inline)(line) {
            let Some(Piece::Of(first, _)) = snippet.pieces.first() else {
                continue;
            };
            if self.snippets >= MOST_SNIPPETS {
                return;
            }
            let Some(Piece::Of(_, last)) = snippet
                .pieces
                .iter()
                .rfind(|piece| matches!(piece, Piece::Of(..)))
            else {
                continue;
            };
            if last.saturating_sub(*first) > LONGEST_SNIPPET {
                continue;
            }
            self.snippets += 1;
            let mut listing = Listing::new(language, true, start + first);
            for piece in &snippet.pieces {
                match piece {
                    Piece::Of(from, to) => {
                        listing.piece(start + from, line.get(*from..*to).unwrap_or_default())
                    }
                    Piece::Added(text) => listing.added(text),
                }
            }
            self.layout.listings.push(listing);
        }
    }

    fn code_to(&mut self, end: usize) {
        self.push(SegmentKind::Code, end);
    }

    fn aside_to(&mut self, kind: SegmentKind, end: usize) {
        self.push(kind, end);
    }

    fn push(&mut self, kind: SegmentKind, end: usize) {
        if end <= self.done {
            return;
        }
        let start = self.done;
        self.done = end;
        match self.layout.segments.last_mut() {
            Some(last) if last.kind == kind && matches!(kind, SegmentKind::Prose | SegmentKind::Code) => {
                last.end = end
            }
            _ => self.layout.segments.push(Segment { kind, start, end }),
        }
    }

    fn finish(mut self) -> Layout {
        self.prose_to(self.answer.len());
        self.layout
    }
}

/// Where the last line ends, in bytes.
fn body_end(body: &[Line<'_>]) -> usize {
    body.last().map_or(0, |line| line.start + line.text.len())
}

/// Whether a single line of code has no sentence right above or below it.
fn stands_alone(lines: &[Line<'_>], at: usize, end: usize) -> bool {
    let blank = |line: Option<&Line<'_>>| line.is_none_or(|line| line.text.trim().is_empty());
    blank(at.checked_sub(1).and_then(|above| lines.get(above))) && blank(lines.get(end))
}

/// Whether a line is a bare expression rather than a word of a list.
fn is_expression(line: &str) -> bool {
    line.contains(['(', '[', '.', '#'])
}

/// Whether a line is a sentence beyond doubt.
fn is_sentence(line: &str) -> bool {
    let words = line
        .split_whitespace()
        .filter(|word| word.chars().all(|c| c.is_alphabetic() || "'’,.".contains(c)))
        .count();
    words >= 5
}
