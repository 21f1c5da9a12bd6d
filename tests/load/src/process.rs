//! What is measured, as processes of their own: started, asked how they are, and ended.

use std::{
    env,
    fs::{self, File},
    io::{self, BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::http::Connection;

/// How long a process may take to say where it listens.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server that is ended when this is dropped.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// What it took from its start to its first answer.
    pub started_in: Duration,
}

/// A program beside this one.
fn beside(name: &str) -> io::Result<PathBuf> {
    Ok(std::env::current_exe()?.with_file_name(name))
}

/// The program beside this one, or the one that `VIVA` names, as it is by default but for the limits: one address stands for all candidates here.
///
/// # Errors
/// Where it does not come up.
pub async fn viva(url: &str, folder: &Path) -> io::Result<Server> {
    let program = env::var_os("VIVA").map_or_else(|| beside("viva"), |path| Ok(path.into()))?;
    let mut command = Command::new(program);
    command
        .args(["serve", "--listen", "127.0.0.1:0", "--access-token-minutes", "60"])
        .envs([("VIVA_LIMIT_CALLER", "off"), ("VIVA_LIMIT_ADDRESS", "off")])
        .arg("--data-dir")
        .arg(folder)
        .args(["--database-url", url])
        .stderr(File::create(folder.join("log"))?);
    start(command, "/readyz").await
}

/// This program as the floor.
///
/// # Errors
/// Where it does not come up.
pub async fn floor(url: &str, folder: &Path, texts: &[(&str, &str)]) -> io::Result<Server> {
    let mut command = Command::new(beside("load")?);
    command.arg("floor").arg(url);
    for (name, text) in texts {
        fs::write(folder.join(name), text)?;
        command.arg(folder.join(name));
    }
    start(command, "/sessions/none").await
}

async fn start(mut command: Command, path: &str) -> io::Result<Server> {
    let begun = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let said = child
        .stdout
        .take()
        .ok_or_else(|| io::Error::other("no standard output"))?;
    let (sender, receiver) = tokio::sync::oneshot::channel();
    thread::spawn(move || {
        let mut lines = BufReader::new(said).lines().map_while(Result::ok);
        let _nobody_waits = sender.send(lines.find_map(|line| address_in(&line)));
        // What it says after that must not fill the pipe.
        lines.for_each(drop);
    });
    let listening = tokio::time::timeout(PATIENCE, receiver).await;
    let address = listening.ok().and_then(Result::ok).flatten();
    let address = address.ok_or_else(|| io::Error::other("it does not say where it listens"))?;
    Connection::to(address).call("GET", path, "", "").await?;
    let started_in = begun.elapsed();
    Ok(Server {
        child,
        address,
        started_in,
    })
}

/// The address in a line that names one.
fn address_in(line: &str) -> Option<SocketAddr> {
    line.split("http://").nth(1)?.split(' ').next()?.parse().ok()
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _status = self.child.wait();
    }
}

impl Server {
    /// Resident memory, in KiB.
    pub fn memory_kib(&self) -> u64 {
        let of = |name: &str| {
            self.read("status")
                .lines()
                .find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok())
        };
        of("VmRSS:").unwrap_or(0)
    }

    /// The time of processors that it has used, in clock ticks.
    pub fn ticks(&self) -> u64 {
        ticks_in(&self.read("stat"))
    }

    /// The same for the threads that compile and grade, as far as they are still there.
    pub fn ticks_grading(&self) -> u64 {
        let threads = fs::read_dir(format!("/proc/{}/task", self.child.id()));
        let stats = threads.into_iter().flatten().flatten();
        let stats = stats.map(|thread| fs::read_to_string(thread.path().join("stat")).unwrap_or_default());
        stats
            .filter(|stat| stat.contains("(grading)"))
            .map(|stat| ticks_in(&stat))
            .sum()
    }

    fn read(&self, name: &str) -> String {
        let id = self.child.id();
        fs::read_to_string(format!("/proc/{id}/{name}")).unwrap_or_default()
    }
}

/// The time of processors that a line of `stat` tells, in clock ticks.
fn ticks_in(stat: &str) -> u64 {
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum()
}

/// How busy the machine is: processes that want to run, over one minute.
pub fn busy() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().unwrap_or_default().to_owned()
}
