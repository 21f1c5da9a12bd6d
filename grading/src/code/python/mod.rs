//! Python, as people write it in answers.

mod scan;

use super::language::{Aside, Carry, Language, Look, Piece, Snippet};
use scan::{Kind, Token, is_keyword, scan};

/// Python: fenced, pasted as it is, from an interactive session, or in the middle of a sentence.
pub(super) const PYTHON: Language = Language {
    name: "python",
    fence_tags: &[
        "python",
        "py",
        "python3",
        "py3",
        "python2",
        "pycon",
        "python-repl",
        "ipython",
    ],
    grammar: tree_sitter_python::LANGUAGE,
    patterns: include_str!("patterns.scm"),
    facts: include_str!("facts.rules"),
    look,
    inline,
    repair,
    asides,
};

/// Snippets that are read from one line. Nobody writes more into one sentence.
const SNIPPETS_PER_LINE: usize = 16;

/// Tells a line of Python from prose. In Python no two operands ever stand side by side, in prose they do all the time.
fn look(line: &str, carry: &mut Carry) -> Look {
    let trimmed = line.trim();
    if trimmed.is_empty() {
        return Look::Blank;
    }
    let indent = line.len() - line.trim_start().len();
    for prompt in [">>> ", "... ", "In ["] {
        if trimmed.starts_with(prompt) && prompt != "In [" {
            let code = indent + prompt.len();
            let mut inner = Carry::default();
            look(line.get(code..).unwrap_or_default(), &mut inner);
            return Look::Prompt(code);
        }
    }
    if trimmed == ">>>" || trimmed == "..." && indent > 0 {
        return if trimmed == ">>>" {
            Look::Prompt(line.len())
        } else {
            Look::Possible
        };
    }
    let before = *carry;
    if before.quote.is_none() && begins_as_prose(line) {
        *carry = Carry::default();
        return Look::Prose;
    }
    let tokens = scan(line, carry);
    if before.quote.is_some() {
        return Look::Possible;
    }
    let words: Vec<&Token> = tokens
        .iter()
        .filter(|token| token.kind != Kind::Comment)
        .collect();
    if words.is_empty() {
        // "# Heading" of Markdown looks the same: the neighbours decide.
        return Look::Comment;
    }
    if !is_well_formed(line, &words) {
        // "retrun x": code with a slip, if the lines around it are code.
        let indented = line.starts_with([' ', '\t']);
        if indented && !before.is_open() && repair(line).is_some() {
            return Look::Possible;
        }
        *carry = Carry::default();
        return Look::Prose;
    }
    if before.is_open() {
        return Look::Possible;
    }
    let found = form(line, &words, carry.is_open());
    if found == Look::Prose {
        *carry = Carry::default();
    }
    found
}

/// Whether two operands stand side by side among the plain words that an unindented line begins with: most prose is known by that
/// without being taken apart.
fn begins_as_prose(line: &str) -> bool {
    if line.starts_with([' ', '\t']) {
        return false;
    }
    let is_plain = |word: &&str| word.bytes().all(|byte| byte.is_ascii_alphabetic());
    let words = line.split(' ').take_while(is_plain);
    let mut after_operand = false;
    words.filter(|word| !word.is_empty()).any(|word| {
        let is_operand = !is_keyword(word);
        std::mem::replace(&mut after_operand, is_operand) && is_operand
    })
}

/// Keywords that begin a line and are long enough to be known by all letters but one.
const REPAIRED: &[&str] = &["return", "yield", "raise", "import", "while"];

/// A misspelt keyword at the start of a line of code: where it ends, and what it should be.
fn repair(line: &str) -> Option<(usize, &'static str)> {
    let mut carry = Carry::default();
    let tokens = scan(line, &mut carry);
    let words: Vec<&Token> = tokens
        .iter()
        .filter(|token| token.kind != Kind::Comment)
        .collect();
    let first = words.first().filter(|first| first.kind == Kind::Name)?;
    let keyword = REPAIRED
        .iter()
        .find(|keyword| strsim::osa_distance(first.of(line), keyword) == 1)?;
    let rest = words.get(1..)?;
    (rest.first()?.starts_operand() && is_well_formed(line, rest)).then_some((first.end, *keyword))
}

/// Whether no token is foreign to Python and no two operands stand side by side.
fn is_well_formed(line: &str, tokens: &[&Token]) -> bool {
    let mut previous: Option<&Token> = None;
    for token in tokens {
        if token.kind == Kind::Bad {
            return false;
        }
        if let Some(last) = previous {
            let both_texts = last.kind == Kind::Text && token.kind == Kind::Text;
            let printed = last.of(line) == "print" && token.kind == Kind::Text;
            if last.ends_operand() && token.starts_operand() && !both_texts && !printed {
                return false;
            }
        }
        previous = Some(token);
    }
    // A sentence ends in a full stop; code never does.
    previous.is_none_or(|last| last.of(line) != ".")
}

/// What a well-formed line is by its form.
fn form(line: &str, tokens: &[&Token], is_open: bool) -> Look {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.of(line));
    let kind = |at: usize| tokens.get(at).map(|token| token.kind);
    let last = tokens.last().map_or("", |token| token.of(line));
    let has = |wanted: &str| tokens.iter().any(|token| token.of(line) == wanted);
    let first = if text(0) == "async" { 1 } else { 0 };
    let goes_on = body_is_code(line, tokens);
    match text(first) {
        "def" => {
            return if kind(first + 1) == Some(Kind::Name) && text(first + 2) == "(" {
                Look::Certain
            } else {
                Look::Prose
            };
        }
        "class" => {
            let follows = text(2);
            return if kind(1) == Some(Kind::Name) && (follows == ":" || follows == "(") {
                Look::Certain
            } else {
                Look::Prose
            };
        }
        "@" => {
            return if kind(1) == Some(Kind::Name) && !has("=>") {
                Look::Certain
            } else {
                Look::Prose
            };
        }
        "import" => {
            return if kind(1) == Some(Kind::Name) {
                Look::Certain
            } else {
                Look::Prose
            };
        }
        "from" => return if has("import") { Look::Certain } else { Look::Prose },
        "try" | "else" | "finally" => {
            return if text(1) == ":" && goes_on {
                Look::Likely
            } else {
                Look::Prose
            };
        }
        "except" => {
            return if has(":") && goes_on {
                Look::Likely
            } else {
                Look::Prose
            };
        }
        "for" => {
            return if has("in") && has(":") && goes_on || is_open {
                Look::Certain
            } else {
                Look::Prose
            };
        }
        "if" | "elif" | "while" | "with" => {
            let plain = tokens.len() <= 3;
            return match (has(":") && goes_on || is_open, plain) {
                (true, false) => Look::Certain,
                (true, true) => Look::Likely,
                _ => Look::Prose,
            };
        }
        "return" | "yield" | "raise" | "assert" | "await" | "del" | "global" | "nonlocal" => {
            return Look::Likely;
        }
        "pass" | "break" | "continue" => {
            return if tokens.len() == 1 {
                Look::Possible
            } else {
                Look::Prose
            };
        }
        _ => {}
    }
    if let Some(sign) = assignment_at(line, tokens) {
        let right = tokens.get(sign + 1..).unwrap_or_default();
        let telling = right.iter().any(|token| {
            matches!(
                token.kind,
                Kind::Open | Kind::Text | Kind::Number | Kind::Constant
            ) || token.of(line) == "."
        });
        return match (right.is_empty(), telling || is_open) {
            (true, _) => Look::Prose,
            (_, true) => Look::Likely,
            (_, false) => Look::Possible,
        };
    }
    // A call, alone on its line.
    let calls = tokens.windows(2).any(|pair| match pair {
        [name, open] => name.kind == Kind::Name && open.of(line) == "(" && name.end == open.start,
        _ => false,
    });
    let starts = matches!(kind(0), Some(Kind::Name));
    if starts && calls && (last == ")" || is_open) {
        return if text(0) == "print" {
            Look::Certain
        } else {
            Look::Likely
        };
    }
    if last == ":"
        || !starts
            && !matches!(
                kind(0),
                Some(Kind::Open | Kind::Close | Kind::Text | Kind::Number | Kind::Constant)
            )
    {
        return if tokens.len() > 1 && starts {
            Look::Prose
        } else {
            Look::Possible
        };
    }
    Look::Possible
}

/// Whether what stands behind a header's colon, if anything, is a statement.
fn body_is_code(line: &str, tokens: &[&Token]) -> bool {
    let mut depth = 0_u32;
    let colon = tokens.iter().position(|token| {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && token.of(line) == ":"
    });
    let body = colon.and_then(|at| tokens.get(at + 1..)).unwrap_or_default();
    let begins = body.first().map_or("", |token| token.of(line));
    body.is_empty()
        || matches!(
            begins,
            "return" | "pass" | "raise" | "yield" | "continue" | "break" | "await" | "..."
        )
        || body
            .iter()
            .any(|token| matches!(token.of(line), "=" | "(" | "+="))
}

/// The place of the `=` (or `+=` …) of an assignment, if the line is one.
fn assignment_at(line: &str, tokens: &[&Token]) -> Option<usize> {
    let mut depth = 0_u32;
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            Kind::Operator if depth == 0 => match token.of(line) {
                "=" | "+=" | "-=" | "*=" | "|=" | "/=" => return (at > 0).then_some(at),
                "." | "," | ":" => {}
                _ => return None,
            },
            Kind::Name | Kind::Number | Kind::Text => {}
            _ if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// The comments and strings of a line of code.
fn asides(line: &str, carry: &mut Carry) -> Vec<Aside> {
    scan(line, carry)
        .iter()
        .filter(|token| matches!(token.kind, Kind::Comment | Kind::Text))
        .map(|token| {
            let text = token.of(line);
            let is_comment = token.kind == Kind::Comment;
            let (head, tail) = if is_comment {
                (text.len() - text.trim_start_matches('#').len(), 0)
            } else {
                let bare = text.trim_start_matches(|c: char| c.is_ascii_alphabetic());
                let bare = if bare.starts_with(['"', '\'']) { bare } else { text };
                let quotes = bare.len() - bare.trim_start_matches(['"', '\'']).len();
                let quotes = if quotes >= 3 { 3 } else { quotes.min(1) };
                let end = bare.len() - bare.trim_end_matches(['"', '\'']).len();
                (
                    text.len() - bare.len() + quotes,
                    end.min(if quotes == 0 { 3 } else { quotes }),
                )
            };
            let start = (token.start + head).min(token.end);
            Aside {
                start,
                end: token.end.saturating_sub(tail).max(start),
                is_comment,
            }
        })
        .collect()
}

/// Pieces of code in the middle of a sentence: `x = f(x)`, `items=None`, `if x is None: x = []`, `def f(a=[])`,
/// `copy.deepcopy(x)`.
fn inline(line: &str) -> Vec<Snippet> {
    if !line.contains(['=', '(']) && !line.contains("None") {
        return Vec::new();
    }
    let tokens = scan(line, &mut Carry::default());
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() && found.len() < SNIPPETS_PER_LINE {
        match snippet_at(line, &tokens, at) {
            Some((snippet, next)) => {
                found.push(snippet);
                at = next.max(at + 1);
            }
            None => at += 1,
        }
    }
    found
}

/// The snippet that begins at that token, and the token behind it.
fn snippet_at(line: &str, tokens: &[Token], at: usize) -> Option<(Snippet, usize)> {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.of(line));
    let kind = |at: usize| tokens.get(at).map(|token| token.kind);
    let start = tokens.get(at)?.start;
    match text(at) {
        "def" if kind(at + 1) == Some(Kind::Name) && text(at + 2) == "(" => {
            let close = matching(tokens, at + 2)?;
            let end = tokens.get(close)?.end;
            Some((
                Snippet {
                    pieces: vec![Piece::Of(start, end), Piece::Added(": pass")],
                },
                close + 1,
            ))
        }
        "if" => {
            let (check_end, next) = none_check(line, tokens, at + 1)?;
            let mut next = next;
            while matches!(text(next), ":" | "," | "then" | "do" | "set" | "we" | "just") {
                next += 1;
            }
            let (from, to, after) = assignment(line, tokens, next)?;
            let pieces = vec![
                Piece::Of(start, check_end),
                Piece::Added(": "),
                Piece::Of(from, to),
            ];
            Some((Snippet { pieces }, after))
        }
        _ if kind(at) == Some(Kind::Name)
            && at
                .checked_sub(1)
                .is_none_or(|before| text(before) != "." || !touches(tokens, at)) =>
        {
            if let Some((from, to, after)) = assignment(line, tokens, at) {
                return Some((
                    Snippet {
                        pieces: vec![Piece::Of(from, to)],
                    },
                    after,
                ));
            }
            let (end, after) = dotted_call(line, tokens, at)?;
            Some((
                Snippet {
                    pieces: vec![Piece::Of(start, end)],
                },
                after,
            ))
        }
        _ => None,
    }
}

/// `x is None`, `x == None`, `not x`, `x is not None`: where the check ends, and the token behind it.
fn none_check(line: &str, tokens: &[Token], at: usize) -> Option<(usize, usize)> {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.of(line));
    if text(at) == "not" && tokens.get(at + 1)?.kind == Kind::Name {
        return Some((tokens.get(at + 1)?.end, at + 2));
    }
    if tokens.get(at)?.kind != Kind::Name {
        return None;
    }
    let mut next = at + 1;
    match text(next) {
        "is" | "==" | "!=" => next += 1,
        _ => return None,
    }
    if text(next) == "not" {
        next += 1;
    }
    (text(next) == "None").then_some(())?;
    Some((tokens.get(next)?.end, next + 1))
}

/// `target = expression`: where it starts and ends, and the token behind it.
fn assignment(line: &str, tokens: &[Token], at: usize) -> Option<(usize, usize, usize)> {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.of(line));
    let first = tokens.get(at)?;
    if first.kind != Kind::Name {
        return None;
    }
    let mut sign = at + 1;
    loop {
        match text(sign) {
            "." if touches(tokens, sign) && touches(tokens, sign + 1) => sign += 2,
            "[" if touches(tokens, sign) => sign = matching(tokens, sign)? + 1,
            "=" => break,
            _ => return None,
        }
    }
    let (end, after) = expression(line, tokens, sign + 1)?;
    Some((first.start, end, after))
}

/// `name.name(arguments)` with no space before the bracket.
fn dotted_call(line: &str, tokens: &[Token], at: usize) -> Option<(usize, usize)> {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.of(line));
    let mut next = at + 1;
    while text(next) == "."
        && touches(tokens, next)
        && touches(tokens, next + 1)
        && tokens.get(next + 1)?.kind == Kind::Name
    {
        next += 2;
    }
    let open = tokens.get(next)?;
    let before = tokens.get(next - 1)?;
    if text(next) != "(" || before.end != open.start {
        return None;
    }
    let close = matching(tokens, next)?;
    // "function(s)", "item(s)": a plural, no call.
    if close == next + 2 && text(next + 1) == "s" && next == at + 1 {
        return None;
    }
    Some((tokens.get(close)?.end, close + 1))
}

/// The longest expression from that token on: operands and operators in turn, brackets closed.
fn expression(line: &str, tokens: &[Token], at: usize) -> Option<(usize, usize)> {
    let mut end = None;
    let mut next = at;
    let mut wants_operand = true;
    while let Some(token) = tokens.get(next) {
        let text = token.of(line);
        match token.kind {
            Kind::Name | Kind::Number | Kind::Text | Kind::Constant if wants_operand => {
                wants_operand = false;
                next += 1;
            }
            Kind::Open if wants_operand || touches(tokens, next) => {
                next = matching(tokens, next)? + 1;
                wants_operand = false;
            }
            Kind::Operator if !wants_operand && matches!(text, "." | "+" | "*" | "==" | "|") => {
                // A full stop is no attribute unless a name touches it.
                let name = tokens.get(next + 1);
                if text == "." && !name.is_some_and(|name| name.start == token.end && name.kind == Kind::Name)
                {
                    break;
                }
                wants_operand = true;
                next += 1;
                continue;
            }
            // "items=None and then …", "x = y if you like": the sentence goes on, not the expression.
            Kind::Keyword
                if !wants_operand
                    && match text {
                        "or" => {
                            tokens.get(next + 1).is_some_and(|next| next.kind == Kind::Open)
                                || calls_at(tokens, next + 1)
                        }
                        "if" => none_check(line, tokens, next + 1).is_some(),
                        "else" | "is" | "not" => true,
                        _ => false,
                    } =>
            {
                wants_operand = true;
                next += 1;
                continue;
            }
            Kind::Keyword if wants_operand && matches!(text, "not" | "await") => {
                next += 1;
                continue;
            }
            _ => break,
        }
        end = tokens.get(next.saturating_sub(1)).map(|last| (last.end, next));
    }
    end
}

/// Whether a call begins at that token.
fn calls_at(tokens: &[Token], at: usize) -> bool {
    tokens.get(at).is_some_and(|token| token.kind == Kind::Name)
        && tokens.get(at + 1).is_some_and(|token| token.kind == Kind::Open)
        && touches(tokens, at + 1)
}

/// Whether that token stands right behind the one before it.
fn touches(tokens: &[Token], at: usize) -> bool {
    at.checked_sub(1)
        .and_then(|before| tokens.get(before))
        .zip(tokens.get(at))
        .is_some_and(|(a, b)| a.end == b.start)
}

/// The bracket that closes the one at that token.
fn matching(tokens: &[Token], open: usize) -> Option<usize> {
    const FARTHEST: usize = 200;
    let mut depth = 0_u32;
    for (at, token) in tokens.iter().enumerate().skip(open).take(FARTHEST) {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(line: &str) -> Look {
        look(line, &mut Carry::default())
    }

    #[test]
    #[cfg_attr(miri, ignore = "the parser of code is C")]
    fn code_is_told_from_prose() {
        for line in [
            "def f(x):",
            "class A:",
            "@log",
            "import copy",
            "for a in b:",
            "    print(x)",
            "if x is None:",
        ] {
            assert_eq!(looks(line), Look::Certain, "{line}");
        }
        for line in [
            "x = f(x)",
            "    return f(*args, **kwargs)",
            "b[0][0] = 5",
            "items.append(x)",
            "try:",
        ] {
            assert_eq!(looks(line), Look::Likely, "{line}");
        }
        for line in [
            "A decorator is a function.",
            "from what I know it is lazy",
            "return the list",
            "print both of them",
            "import the copy module",
            "class based decorators work too",
            "for loops: they pull",
            "while a thread waits, others run",
            "if it is None: make a new one",
            "with yield: nothing is stored",
            "def is run once",
            "it doesn't matter",
            "List = everything worked out up front",
        ] {
            assert_eq!(looks(line), Look::Prose, "{line}");
        }
        assert!(matches!(looks(">>> f(1)"), Look::Prompt(4)));
    }

    fn inline_of(line: &str) -> Vec<String> {
        inline(line)
            .iter()
            .map(|snippet| {
                snippet
                    .pieces
                    .iter()
                    .map(|piece| match piece {
                        Piece::Of(start, end) => line.get(*start..*end).unwrap(),
                        Piece::Added(text) => text,
                    })
                    .collect()
            })
            .collect()
    }

    #[test]
    #[cfg_attr(miri, ignore = "the parser of code is C")]
    fn code_is_found_inside_sentences() {
        assert_eq!(
            inline_of("short for say_hi = timed(say_hi), nothing else"),
            ["say_hi = timed(say_hi)"]
        );
        assert_eq!(
            inline_of("then: if l is None, l = []. Like this"),
            ["if l is None: l = []"]
        );
        assert_eq!(inline_of("Writing def f(pad=[]) is bad"), ["def f(pad=[]): pass"]);
        assert_eq!(inline_of("Use copy.deepcopy(a). Then"), ["copy.deepcopy(a)"]);
        assert_eq!(inline_of("errors=None in the signature"), ["errors=None"]);
        assert_eq!(inline_of("the function(s) of it"), Vec::<String>::new());
    }

    #[test]
    #[cfg_attr(miri, ignore = "the parser of code is C")]
    fn strings_and_comments_are_prose() {
        let line = "print('a b', f\"c {x}\")  # d e";
        let texts: Vec<_> = asides(line, &mut Carry::default())
            .iter()
            .map(|aside| line.get(aside.start..aside.end).unwrap().trim())
            .collect();
        assert_eq!(texts, ["a b", "c {x}", "d e"]);
    }
}
