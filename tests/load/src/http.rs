//! A client that costs next to nothing, so that what is measured is the server.

use std::{io, net::SocketAddr, time::Duration};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// How long an answer may take before it counts as an error.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection that is kept open.
pub struct Connection {
    address: SocketAddr,
    stream: Option<TcpStream>,
    received: Vec<u8>,
}

/// An answer.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    ///
    /// # Errors
    /// Where the answer is another one than was wanted.
    pub fn json(&self, wanted: u16) -> io::Result<Value> {
        if self.status != wanted {
            let said = String::from_utf8_lossy(&self.body).into_owned();
            return Err(io::Error::other(format!(
                "{} instead of {wanted}: {said}",
                self.status
            )));
        }
        serde_json::from_slice(&self.body).map_err(io::Error::other)
    }
}

impl Connection {
    /// A connection to be.
    pub fn to(address: SocketAddr) -> Self {
        Self {
            address,
            stream: None,
            received: Vec::with_capacity(16 * 1024),
        }
    }

    /// Sends a request and reads the answer.
    ///
    /// # Errors
    /// Where there is none in time.
    pub async fn call(&mut self, method: &str, path: &str, token: &str, body: &str) -> io::Result<Answer> {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: load\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let answered = tokio::time::timeout(PATIENCE, self.exchange(request.as_bytes())).await;
        let answer = answered.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        if answer.is_err() {
            self.stream = None;
        }
        answer
    }

    async fn exchange(&mut self, request: &[u8]) -> io::Result<Answer> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => none.insert(connect(self.address).await?),
        };
        stream.write_all(request).await?;
        self.received.clear();
        loop {
            if let Some((status, begin, length)) = head(&self.received)
                && self.received.len() >= begin + length
            {
                let body = self.received.split_off(begin);
                return Ok(Answer { status, body });
            }
            if stream.read_buf(&mut self.received).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// The status, where the body begins, and how long it is.
fn head(received: &[u8]) -> Option<(u16, usize, usize)> {
    let end = received.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(received.get(..end)?).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let length = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok())
        .unwrap_or(0);
    Some((status, end + 4, length))
}
