//! Requests written by hand, for what no well-behaved client sends.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use crate::{Answer, TestApp};

/// How long the server may take to say something or to hang up.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection of one's own.
pub struct Raw {
    stream: TcpStream,
    asked: (String, String),
}

impl TestApp {
    /// A connection that nothing has been sent on.
    pub fn connection(&self) -> Raw {
        let stream = TcpStream::connect(self.address()).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time limit");
        let asked = (String::new(), String::new());
        Raw { stream, asked }
    }

    /// A request with these header lines, and as much of its body as there is.
    pub fn raw(&self, method: &str, path: &str, headers: &str, body: &str) -> Raw {
        let mut raw = self.connection();
        raw.asked = (method.to_owned(), path.to_owned());
        raw.send(format!(
            "{method} {path} HTTP/1.1\r\nhost: viva\r\n{headers}\r\n{body}"
        ));
        raw
    }
}

impl Raw {
    /// Sends some more. That the server has hung up is no matter.
    pub fn send(&mut self, text: impl AsRef<[u8]>) {
        let _hung_up = self.stream.write_all(text.as_ref());
    }

    /// What comes within a while; nothing where the server has hung up.
    pub fn so_far(&mut self, within: Duration) -> Option<String> {
        self.stream.set_read_timeout(Some(within)).expect("a time limit");
        let mut some = [0; 4096];
        match self.stream.read(&mut some) {
            Ok(0) => None,
            Ok(count) => Some(String::from_utf8_lossy(&some[..count]).into_owned()),
            Err(error) if [ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&error.kind()) => {
                Some(String::new())
            }
            Err(_) => None,
        }
    }

    /// What comes until the server hangs up, and how long that took.
    pub fn rest(mut self) -> (String, Duration) {
        let begun = Instant::now();
        let mut said = Vec::new();
        let _reset = self.stream.read_to_end(&mut said);
        (String::from_utf8_lossy(&said).into_owned(), begun.elapsed())
    }

    /// The answer, with its body as long as it says.
    ///
    /// # Panics
    /// Where there is none, or it is not as documented.
    pub fn answer(mut self) -> Answer {
        let mut said = Vec::new();
        let mut some = [0; 4096];
        let (head, body) = loop {
            let count = self.stream.read(&mut some).expect("an answer");
            said.extend(&some[..count]);
            let text = String::from_utf8_lossy(&said).into_owned();
            let whole = text
                .split_once("\r\n\r\n")
                .map(|(head, body)| (head.to_owned(), body.to_owned()));
            if let Some((head, body)) = whole
                && (count == 0 || body.len() >= length(&head))
            {
                break (head, body);
            }
            assert!(count > 0, "half an answer: {text}");
        };
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let (method, path) = &self.asked;
        let method = method.parse().expect("a method");
        Answer::checked(&method, path, status.expect("a status"), headers(&head), body)
    }
}

fn length(head: &str) -> usize {
    let length = headers(head);
    let length = length.get("content-length").and_then(|value| value.to_str().ok());
    length.and_then(|length| length.parse().ok()).unwrap_or(0)
}

fn headers(head: &str) -> HeaderMap {
    let lines = head.lines().skip(1).filter_map(|line| line.split_once(": "));
    let pair = |(name, value): (&str, &str)| {
        let name: HeaderName = name.parse().expect("a header's name");
        (name, HeaderValue::from_str(value).expect("a header's value"))
    };
    lines.map(pair).collect()
}
