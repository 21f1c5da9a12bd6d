//! A PostgreSQL server for the tests: the one at `TEST_DATABASE_URL`, or a throw-away one that ends with this process.

use std::{
    env, fs,
    io::Read,
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use api::{clock::Clock, service::built_in, store};
use sea_orm::{ConnectionTrait, Database, DbErr};

/// How long a throw-away server may take to come up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Set to `skip`, it leaves PostgreSQL out, on a machine that can't have it. CI never does.
const LEAVE_OUT: &str = "VIVA_TEST_POSTGRES";

/// Watches over the server from a process of its own: when its standard input ends, which it does however the tests
/// end, the server is stopped and its folder removed.
const WATCH: &str = r#"
trap '' INT TERM HUP
folder=$1
shift
"$@" >"$folder/log" 2>&1 </dev/null &
server=$!
cat >/dev/null
kill -QUIT "$server"
wait "$server"
rm -rf "$folder"
"#;

/// A server that tests make databases on.
pub struct Server {
    /// Everything of the address before the name of the database.
    before: String,
    /// Everything after it.
    after: String,
    /// The database that every other is copied from: on a server of somebody else's there is none, since nothing would
    /// take it away.
    template: Option<String>,
    /// Holds the pipe that the throw-away server lives by.
    _watcher: Option<Child>,
}

/// The server, started by whoever asks first; none where it is left out on purpose.
///
/// # Panics
/// Where there is no server to be had: PostgreSQL is half of what is tested.
pub fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Result<Server, String>>> = OnceLock::new();
    let server = SERVER.get_or_init(|| {
        if env::var(LEAVE_OUT).is_ok_and(|value| value == "skip") {
            eprintln!("PostgreSQL IS NOT TESTED: {LEAVE_OUT}=skip");
            return None;
        }
        // Of its own thread, since the first to ask may be inside a runtime.
        Some(
            thread::spawn(find_or_start)
                .join()
                .unwrap_or_else(|_| Err("it panicked".into())),
        )
    });
    match server.as_ref()? {
        Ok(server) => Some(server),
        Err(why) => panic!(
            "There is no PostgreSQL to test on: {why}\nInstall its server, or set TEST_DATABASE_URL to one where \
             databases may be created. {LEAVE_OUT}=skip leaves half of the tests out."
        ),
    }
}

fn find_or_start() -> Result<Server, String> {
    let (url, watcher) = match env::var("TEST_DATABASE_URL") {
        Ok(url) => (url, None),
        // Nothing of it outlives the tests, so nothing needs to reach the disk.
        Err(_) => start(&["fsync=off", "full_page_writes=off"]).map(|(url, watcher)| (url, Some(watcher)))?,
    };
    let (address, after) = match url.split_once('?') {
        Some((address, query)) => (address.to_owned(), format!("?{query}")),
        None => (url.clone(), String::new()),
    };
    let (before, _) = address
        .rsplit_once('/')
        .filter(|(before, _)| !before.ends_with('/'))
        .ok_or("TEST_DATABASE_URL names no database")?;
    let template = watcher.is_some().then(|| "viva_template".to_owned());
    let server = Server {
        before: format!("{before}/"),
        after,
        template,
        _watcher: watcher,
    };
    apart(patiently(&url)).map_err(|error| error.to_string())?;
    if let Some(template) = &server.template {
        server
            .make_template(template)
            .map_err(|error| error.to_string())?;
    }
    Ok(server)
}

impl Server {
    /// A fresh database. Unless it has to be empty, it is copied from the template, which has the schema and the
    /// built-in sets: faster than making them anew.
    pub fn create_database(&self, empty: bool) -> String {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("viva_test_{}_{number}", std::process::id());
        let template = self.template.as_deref().filter(|_| !empty).unwrap_or("template1");
        let sql = format!("CREATE DATABASE {name} TEMPLATE {template}");
        self.administer(&sql)
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
        self.url(&name)
    }

    /// Removes a database, whoever is connected to it.
    pub fn drop_database(&self, url: &str) {
        let name = url
            .strip_prefix(&self.before)
            .and_then(|rest| rest.strip_suffix(&self.after));
        if let Some(name) = name
            && let Err(error) = self.administer(&format!("DROP DATABASE {name} WITH (FORCE)"))
        {
            eprintln!("{name} is left behind: {error}");
        }
    }

    fn url(&self, name: &str) -> String {
        format!("{}{name}{}", self.before, self.after)
    }

    fn administer(&self, sql: &str) -> Result<(), DbErr> {
        // A server of somebody else's has this one too.
        let url = self.url("postgres");
        apart(async {
            let db = Database::connect(&url).await?;
            db.execute_unprepared(sql).await?;
            db.close().await
        })
    }

    fn make_template(&self, name: &str) -> Result<(), DbErr> {
        self.administer(&format!("CREATE DATABASE {name}"))?;
        let url = self.url(name);
        apart(async {
            let db = store::connect(&url, 1).await?;
            store::migrate(&db).await?;
            let loaded = built_in::load(&db, &Clock::system()).await;
            loaded.map_err(|problem| DbErr::Custom(problem.to_string()))?;
            // PostgreSQL copies only what nobody is connected to.
            db.close().await
        })
    }
}

/// Runs on a runtime of its own, from wherever it is called.
fn apart<T: Send>(work: impl Future<Output = T> + Send) -> T {
    thread::scope(|scope| {
        let working = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(work)
        });
        working.join().expect("the database's thread")
    })
}

/// Waits until the server answers.
async fn patiently(url: &str) -> Result<(), DbErr> {
    let begun = Instant::now();
    loop {
        match Database::connect(url).await {
            Ok(db) => return db.close().await,
            Err(error) if begun.elapsed() > PATIENCE => return Err(error),
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

/// Makes a cluster in a temporary folder and serves it on a socket there: no port, nothing that others reach. It lives
/// until the standard input of the process that watches over it ends.
///
/// # Errors
/// Where its programs are missing, or it does not come up.
pub fn start(settings: &[&str]) -> Result<(String, Child), String> {
    let programs = programs()?;
    let folder = tempfile::Builder::new()
        .prefix("viva-pg-")
        .tempdir()
        .map_err(|error| error.to_string())?
        .keep();
    let owner = unprivileged(&folder)?;
    let data = folder.join("data");
    let mut initdb = Command::new(programs.join("initdb"));
    initdb.args([
        "--username=viva",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
        "-D",
    ]);
    initdb.arg(&data).current_dir(&folder).stdin(Stdio::null());
    let made = as_user(&mut initdb, owner)
        .output()
        .map_err(|error| format!("initdb: {error}"))?;
    if !made.status.success() {
        return Err(format!("initdb: {}", String::from_utf8_lossy(&made.stderr)));
    }
    let mut watcher = Command::new("/bin/sh");
    watcher.args(["-c", WATCH, "watch"]).arg(&folder);
    watcher
        .arg(programs.join("postgres"))
        .arg("-D")
        .arg(&data)
        .arg("-k")
        .arg(&folder);
    for setting in ["listen_addresses=", "max_connections=400"]
        .iter()
        .chain(settings)
    {
        watcher.args(["-c", setting]);
    }
    // A group of its own, so that what stops the tests from a keyboard leaves it the time to tidy up.
    watcher
        .stdin(Stdio::piped())
        .current_dir(&folder)
        .process_group(0);
    let mut watcher = as_user(&mut watcher, owner)
        .spawn()
        .map_err(|error| format!("/bin/sh: {error}"))?;
    let url = format!("postgres://viva@localhost/postgres?host={}", folder.display());
    wait_for(&folder, &mut watcher)?;
    Ok((url, watcher))
}

fn wait_for(folder: &Path, watcher: &mut Child) -> Result<(), String> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        let ended = watcher.try_wait().map_err(|error| error.to_string())?.is_some();
        if !ended && folder.join(".s.PGSQL.5432").exists() {
            return Ok(());
        }
        if ended {
            break;
        }
        thread::sleep(Duration::from_millis(20));
    }
    let mut log = String::new();
    if let Ok(mut file) = fs::File::open(folder.join("log")) {
        let _whatever_can_be_read = file.read_to_string(&mut log);
    }
    Err(format!(
        "the server in {} did not come up: {log}",
        folder.display()
    ))
}

/// Where `initdb` and `postgres` are: on the path, or where Debian puts them.
fn programs() -> Result<PathBuf, String> {
    let has_both = |folder: &PathBuf| folder.join("initdb").is_file() && folder.join("postgres").is_file();
    let path = env::var_os("PATH").unwrap_or_default();
    let mut debian: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|version| Some(version.ok()?.path().join("bin")))
        .collect();
    // The newest version first.
    debian.sort_by_key(|folder| {
        let version = folder
            .parent()
            .and_then(|version| version.file_name()?.to_str()?.parse().ok());
        std::cmp::Reverse(version.unwrap_or(0_u32))
    });
    env::split_paths(&path)
        .chain(debian)
        .find(has_both)
        .ok_or_else(|| "initdb and postgres are neither on PATH nor in /usr/lib/postgresql/*/bin".into())
}

/// PostgreSQL refuses to run as root: the folder goes to somebody who is not, and the programs run as them.
fn unprivileged(folder: &Path) -> Result<Option<(u32, u32)>, String> {
    let myself = fs::metadata(folder).map_err(|error| error.to_string())?.uid();
    if myself != 0 {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd").map_err(|error| format!("/etc/passwd: {error}"))?;
    let ids = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line
            .split(':')
            .skip(2)
            .map_while(|field| field.parse::<u32>().ok());
        Some((fields.next()?, fields.next()?))
    };
    let (uid, gid) = ids("postgres")
        .or_else(|| ids("nobody"))
        .ok_or("there is no user but root to run it as")?;
    chown(folder, Some(uid), Some(gid)).map_err(|error| error.to_string())?;
    Ok(Some((uid, gid)))
}

fn as_user(command: &mut Command, user: Option<(u32, u32)>) -> &mut Command {
    match user {
        Some((uid, gid)) => command.uid(uid).gid(gid),
        None => command,
    }
}
