//! Where a password comes from: a prompt without echo, or standard input. Never a flag, which others can see.

use std::io::{self, IsTerminal, Read};

use clap::Args;

use crate::values::NewPassword;

/// More than any password: what comes after it is not read.
const READ_AT_MOST: u64 = 4096;

#[derive(Debug, Args)]
pub(super) struct PasswordSource {
    /// Read the password from standard input, one line, instead of asking for it
    #[arg(long)]
    password_stdin: bool,
}

impl PasswordSource {
    /// The password that somebody chose.
    ///
    /// # Errors
    /// Where it can't be read, is not the same twice, or is too short or too long: in words for the operator.
    pub(super) fn read(&self) -> Result<NewPassword, Box<dyn std::error::Error>> {
        let text = if self.password_stdin {
            piped(io::stdin().lock())?
        } else if io::stdin().is_terminal() {
            asked()?
        } else {
            return Err(
                "standard input is not a terminal to ask at: pipe the password in with --password-stdin"
                    .into(),
            );
        };
        text.parse()
            .map_err(|fault| format!("the password {fault}").into())
    }
}

fn asked() -> Result<String, Box<dyn std::error::Error>> {
    let password = rpassword::prompt_password("Password: ")?;
    if rpassword::prompt_password("The same again: ")? == password {
        Ok(password)
    } else {
        Err("the two passwords differ: nothing was changed".into())
    }
}

fn piped(input: impl Read) -> Result<String, Box<dyn std::error::Error>> {
    let mut text = String::new();
    input.take(READ_AT_MOST).read_to_string(&mut text)?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.contains(['\n', '\r']) {
        return Err("standard input holds more than one line: the password is one".into());
    }
    Ok(line.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_end_is_no_part_of_the_password() {
        for text in ["correct horse", "correct horse\n", "correct horse\r\n"] {
            assert_eq!(piped(text.as_bytes()).unwrap(), "correct horse");
        }
        assert_eq!(piped(" spaced \n".as_bytes()).unwrap(), " spaced ");
    }

    #[test]
    fn several_lines_are_refused() {
        assert!(piped("one\ntwo\n".as_bytes()).is_err());
        assert!(piped(&b"\xff\n"[..]).is_err());
    }
}
