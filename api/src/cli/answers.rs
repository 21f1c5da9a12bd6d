//! Answers from a file or from standard input, a JSON object a line.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, IsTerminal, Read, Stdin},
    path::{Path, PathBuf},
    str::FromStr,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::de::DeserializeOwned;

use super::output;
use crate::service::interview::ANSWER_MAX_BYTES;

/// The longest line: room for the longest answer with every byte escaped, and for other keys.
const LINE_MAX_BYTES: u64 = 1024 * 1024;
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Where answers come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// `-`
    Stdin,
    /// A file.
    File(PathBuf),
}

impl FromStr for Source {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "-" => Self::Stdin,
            path => Self::File(path.into()),
        })
    }
}

/// Lines, each with its number, and how far they have come.
pub(super) struct Lines {
    input: BufReader<Input>,
    number: usize,
    progress: ProgressBar,
}

enum Input {
    Stdin(Stdin),
    File(File),
}

/// A line that holds something.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line<T> {
    /// Counts from 1.
    pub number: usize,
    /// What it says, or what is wrong with it.
    pub read: Result<T, String>,
}

impl Lines {
    /// Opens the source. Progress is shown on standard error where that is a terminal and `shown` allows it.
    ///
    /// # Errors
    /// Where the file can't be opened: in words for the operator.
    pub(super) fn open(source: &Source, shown: bool) -> Result<Self, String> {
        let (input, length) = match source {
            Source::Stdin => (Input::Stdin(io::stdin()), None),
            Source::File(path) => {
                let file = open(path).map_err(|error| format!("{}: {error}", path.display()))?;
                let length = file.metadata().ok().filter(std::fs::Metadata::is_file);
                (Input::File(file), length.map(|metadata| metadata.len()))
            }
        };
        Ok(Self {
            input: BufReader::new(input),
            number: 0,
            progress: progress(length, shown && io::stderr().is_terminal()),
        })
    }

    /// Whether the next line has to be waited for.
    pub(super) fn would_wait(&self) -> bool {
        self.input.buffer().is_empty()
    }

    /// The next line that is not blank.
    ///
    /// # Errors
    /// Where the input can't be read.
    pub(super) fn next<T: DeserializeOwned>(&mut self) -> io::Result<Option<Line<T>>> {
        loop {
            let Some(bytes) = read_line(&mut self.input)? else {
                self.progress.finish_and_clear();
                return Ok(None);
            };
            self.number += 1;
            self.progress
                .inc(bytes.as_ref().map_or(LINE_MAX_BYTES, |bytes| bytes.len() as u64));
            let read = match bytes.as_deref() {
                Some(bytes) => match content(bytes, self.number == 1) {
                    [] => continue,
                    content => parse(content),
                },
                None => Err("is over 1 MiB".to_owned()),
            };
            let number = self.number;
            return Ok(Some(Line { number, read }));
        }
    }

    /// Names a bad line on standard error, beside the progress.
    pub(super) fn complain(&self, number: usize, reason: &str) {
        self.progress
            .suspend(|| output::complain(&format!("line {number}: {reason}")));
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Stdin(stdin) => stdin.read(buffer),
            Self::File(file) => file.read(buffer),
        }
    }
}

/// Why an answer is not graded, where it is not: the same limits as in the API.
pub(super) fn refusal(answer: &str) -> Option<&'static str> {
    if answer.len() > ANSWER_MAX_BYTES {
        Some("the answer is over 64 KiB")
    } else if answer.contains('\0') {
        Some("the answer holds U+0000")
    } else {
        None
    }
}

fn open(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "is a folder"));
    }
    Ok(file)
}

fn progress(length: Option<u64>, shown: bool) -> ProgressBar {
    if !shown {
        return ProgressBar::hidden();
    }
    let template = match length {
        Some(_) => "{wide_bar} {percent:>3} %  {eta}",
        None => "{spinner} {bytes} read",
    };
    let bar = length.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    bar.set_draw_target(ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

/// The bytes of the next line; an inner nothing where it is too long, nothing at the end.
fn read_line(input: &mut impl BufRead) -> io::Result<Option<Option<Vec<u8>>>> {
    let mut bytes = Vec::new();
    let read = input
        .by_ref()
        .take(LINE_MAX_BYTES)
        .read_until(b'\n', &mut bytes)?;
    if read == 0 {
        return Ok(None);
    }
    if read as u64 == LINE_MAX_BYTES && !bytes.ends_with(b"\n") {
        input.skip_until(b'\n')?;
        return Ok(Some(None));
    }
    Ok(Some(Some(bytes)))
}

fn content(line: &[u8], first: bool) -> &[u8] {
    let line = match line.strip_prefix(BOM) {
        Some(rest) if first => rest,
        _ => line,
    };
    line.trim_ascii()
}

fn parse<T: DeserializeOwned>(content: &[u8]) -> Result<T, String> {
    let text = std::str::from_utf8(content)
        .map_err(|error| format!("is not UTF-8 from byte {} on", error.valid_up_to() + 1))?;
    serde_json::from_str(text).map_err(|error| without_line(&error))
}

/// serde's sentence without its own count of lines, which is always 1 here. It may quote the line, whose control characters
/// are escaped: a reason is one line, and nothing that a terminal obeys.
fn without_line(error: &serde_json::Error) -> String {
    let said = escaped(&error.to_string());
    let column = error.column();
    match said.rsplit_once(" at line ") {
        Some((said, _)) if error.is_data() => said.to_owned(),
        Some((said, _)) => format!("is not JSON: {said} at column {column}"),
        None => said,
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            escaped.extend(c.escape_default());
        } else {
            escaped.push(c);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq, Eq)]
    struct Row {
        id: String,
    }

    fn rows(input: &[u8]) -> Vec<Result<Row, String>> {
        let mut input = input;
        let mut first = true;
        let mut rows = Vec::new();
        while let Some(bytes) = read_line(&mut input).unwrap() {
            match bytes.as_deref().map(|bytes| content(bytes, first)) {
                Some([]) => {}
                Some(content) => rows.push(parse(content)),
                None => rows.push(Err("is over 1 MiB".to_owned())),
            }
            first = false;
        }
        rows
    }

    fn row(id: &str) -> Result<Row, String> {
        Ok(Row { id: id.to_owned() })
    }

    #[test]
    fn byte_order_marks_line_ends_and_blank_lines_are_nothing() {
        assert_eq!(
            rows(b"\xef\xbb\xbf{\"id\": \"a\"}\r\n\r\n  \n{\"id\": \"b\", \"more\": 1}"),
            [row("a"), row("b")]
        );
    }

    #[test]
    fn a_bad_line_says_what_is_wrong() {
        let said = |line: &[u8]| rows(line).remove(0).unwrap_err();
        assert_eq!(said(b"{}"), "missing field `id`");
        assert_eq!(
            said(b"{\"id\": 1}"),
            "invalid type: integer `1`, expected a string"
        );
        assert!(
            said(b"{\"id\"").starts_with("is not JSON: EOF"),
            "{}",
            said(b"{\"id\"")
        );
        assert_eq!(said(b"{\"id\": \"\xff\"}"), "is not UTF-8 from byte 9 on");
        assert!(said(b"{\"id\": \"\\ud800\"}").starts_with("is not JSON"));
    }

    #[test]
    fn a_reason_quotes_no_control_characters() {
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum Verdict {
            Met,
        }
        let said = parse::<Verdict>(br#""met\n\u001b[2J""#).unwrap_err();
        assert_eq!(said, r"unknown variant `met\n\u{1b}[2J`, expected `met`");
        assert!(matches!(parse(br#""met""#), Ok(Verdict::Met)));
    }

    #[test]
    fn a_line_that_is_too_long_does_not_stop_the_next() {
        let mut input = vec![b' '; LINE_MAX_BYTES as usize + 5];
        input.extend_from_slice(b"\n{\"id\": \"a\"}\n");
        assert_eq!(rows(&input), [Err("is over 1 MiB".to_owned()), row("a")]);
    }

    #[test]
    fn answers_are_held_to_the_limits_of_the_api() {
        assert_eq!(refusal(""), None);
        assert_eq!(refusal("a\u{1}b"), None);
        assert!(refusal("a\0b").is_some());
        assert_eq!(refusal(&"x".repeat(ANSWER_MAX_BYTES)), None);
        assert!(refusal(&"x".repeat(ANSWER_MAX_BYTES + 1)).is_some());
    }
}
