//! The `viva` program: `serve` and the commands around it. This file has the table; each command has a file.

use std::process::ExitCode;

use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::config::{Config, Overrides};

mod answers;
mod backup;
mod configuration;
mod eval;
mod grade;
mod in_words;
mod keys;
mod lint;
mod member;
mod migrate;
mod openapi;
mod output;
mod password;
mod rubrics;
mod serve;

/// Mock interviews over HTTP, graded with the evidence for every mark.
#[derive(Debug, Parser)]
#[command(name = "viva", version, about, long_about = LONG_ABOUT, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten, next_help_heading = "Configuration")]
    overrides: Overrides,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API (the default)
    #[command(after_help = serve::EXAMPLES)]
    Serve,
    /// Bring the database's schema up to date
    #[command(after_help = migrate::EXAMPLES)]
    Migrate,
    /// Copy the SQLite database to a file, while the server works on
    #[command(after_help = backup::BACKUP_EXAMPLES)]
    Backup(backup::Backup),
    /// Put a backup in the place of the SQLite database's data
    #[command(after_help = backup::RESTORE_EXAMPLES)]
    Restore(backup::Restore),
    /// Rotate, retire and list the signing keys
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Create members and reset their passwords
    #[command(subcommand)]
    Member(member::Member),
    /// Grade answers from a file, without a server
    #[command(after_help = grade::EXAMPLES)]
    Grade(grade::Grade),
    /// Say what in a question set will grade badly, and why
    #[command(after_help = lint::EXAMPLES)]
    Lint(lint::Lint),
    /// Measure how well verdicts agree with labels
    #[command(after_help = eval::EXAMPLES)]
    Eval(eval::Eval),
    /// Print the OpenAPI document
    #[command(name = OPENAPI, after_help = openapi::EXAMPLES)]
    OpenApi,
    /// Print the default configuration, commented
    #[command(name = CONFIG, after_help = configuration::EXAMPLES)]
    Config,
}

const OPENAPI: &str = "openapi";
const CONFIG: &str = "config";
/// The commands that need no configuration: their help does not speak of it.
const UNCONFIGURED: &[&str] = &["grade", "lint", "eval", OPENAPI, CONFIG];

const LONG_ABOUT: &str = "Mock interviews over HTTP, graded with the evidence for every mark.\n\n\
    Without a command it serves the API on 127.0.0.1:8080 and keeps its data in the folder viva-data.";
const EXAMPLES: &str = "Examples:\n  \
    viva\n  \
    viva serve --listen 127.0.0.1:9000 --data-dir /var/lib/viva\n  \
    viva grade --set python-core-mechanics --answers answers.jsonl\n\n\
    `viva COMMAND --help` explains each command.";

/// What a command ends with where it fails: a message for standard error.
type Outcome = Result<ExitCode, Box<dyn std::error::Error>>;

/// Runs the program.
pub fn run() -> ExitCode {
    let outcome = Cli::from_arg_matches(&arguments())
        .map_err(Into::into)
        .and_then(dispatch);
    outcome.unwrap_or_else(|error| {
        output::complain(&format!("viva: {error}"));
        ExitCode::FAILURE
    })
}

fn dispatch(cli: Cli) -> Outcome {
    let config = || Config::load(&cli.overrides);
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => serve::run(config()?),
        Command::Migrate => migrate::run(config()?),
        Command::Backup(command) => backup::back_up(&command, config()?),
        Command::Restore(command) => backup::restore(&command, config()?),
        Command::Keys(command) => keys::run(command, config()?),
        Command::Member(command) => member::run(command, config()?),
        Command::Grade(command) => grade::run(&command),
        Command::Lint(command) => lint::run(&command),
        Command::Eval(command) => eval::run(&command),
        Command::OpenApi => openapi::run(),
        Command::Config => configuration::run(),
    }
}

/// The arguments; a wrong one, `--help` and `--version` end the program here.
fn arguments() -> ArgMatches {
    command().get_matches()
}

/// The table of commands, with the configuration out of the help of those that need none.
fn command() -> clap::Command {
    let command = Cli::command();
    let settings: Vec<clap::Arg> = command
        .get_arguments()
        .filter(|argument| argument.is_global_set())
        .map(|argument| argument.clone().hide(true))
        .collect();
    UNCONFIGURED.iter().fold(command, |command, name| {
        command.mut_subcommand(name, |unconfigured| unconfigured.args(&settings))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Cli, clap::Error> {
        let matches = command().try_get_matches_from([&["viva"], arguments].concat())?;
        Cli::from_arg_matches(&matches)
    }

    #[test]
    fn the_table_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn serving_is_the_default() {
        let cli = parse(&["--listen", "127.0.0.1:9000"]).unwrap();
        assert!(cli.command.is_none());
        assert_eq!(cli.overrides.listen.map(|address| address.port()), Some(9000));
    }

    #[test]
    fn settings_may_stand_after_the_command() {
        let cli = parse(&["keys", "rotate", "--data-dir", "elsewhere"]).unwrap();
        assert_eq!(cli.overrides.data_dir, Some("elsewhere".into()));
    }

    #[test]
    fn key_ids_may_begin_with_a_hyphen() {
        assert!(parse(&["keys", "retire", "-Zx_4"]).is_ok());
    }

    #[test]
    fn passwords_are_not_taken_from_flags() {
        let member = [
            "member",
            "create",
            "--organization",
            "o",
            "--name",
            "n",
            "--email",
            "a@example.org",
        ];
        assert!(parse(&member).is_ok());
        assert!(parse(&[&member[..], &["--password", "x"]].concat()).is_err());
        assert!(
            parse(&[
                "member",
                "create",
                "--organization",
                "o",
                "--name",
                "n",
                "--email",
                "a"
            ])
            .is_err()
        );
    }

    #[test]
    fn every_command_has_an_example() {
        fn without_example(command: &clap::Command, path: &str) -> Vec<String> {
            let path = format!("{path} {}", command.get_name());
            let shown = command
                .get_after_help()
                .is_some_and(|help| help.to_string().contains("Example"));
            let mut missing: Vec<String> = command
                .get_subcommands()
                .flat_map(|sub| without_example(sub, &path))
                .collect();
            if !shown && !command.has_subcommands() {
                missing.push(path);
            }
            missing
        }
        assert_eq!(without_example(&command(), ""), Vec::<String>::new());
    }

    #[test]
    fn grading_does_not_speak_of_the_configuration() {
        let mut command = command();
        command.build();
        let grade = command.find_subcommand_mut("grade").unwrap();
        let help = grade.render_long_help().to_string();
        assert!(
            help.contains("--answers") && !help.contains("--database-url"),
            "{help}"
        );
    }
}
