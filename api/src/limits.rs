//! Limits on how often somebody may ask, and how often somebody may fail. Each process counts for itself.

use std::{
    fmt,
    net::IpAddr,
    num::{NonZeroU32, NonZeroUsize},
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use governor::{RateLimiter, clock, middleware::StateInformationMiddleware, nanos::Nanos, state::StateStore};
use lru::LruCache;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    clock::Clock,
    config::Config,
    error::{Code, Problem},
};

/// How many are counted at once, of each kind. Whoever was not seen for longest is forgotten for another.
const COUNTED_AT_ONCE: NonZeroUsize = NonZeroUsize::MIN.saturating_add((1 << 16) - 1);

/// So many, all of them new again after so many seconds: `100/10`. Or no limit: `off`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Quota(Option<(NonZeroU32, NonZeroU32)>);

/// Not a quota.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("must be off, or like 100/10: how many, in how many seconds, at most 1000000 and 86400")]
pub struct NotAQuota;

impl FromStr for Quota {
    type Err = NotAQuota;

    fn from_str(text: &str) -> Result<Self, NotAQuota> {
        if text == "off" {
            return Ok(Self(None));
        }
        let (count, seconds) = text.split_once('/').ok_or(NotAQuota)?;
        let count: NonZeroU32 = count.parse().map_err(|_| NotAQuota)?;
        let seconds: NonZeroU32 = seconds.parse().map_err(|_| NotAQuota)?;
        if count.get() > 1_000_000 || seconds.get() > 86_400 {
            return Err(NotAQuota);
        }
        Ok(Self(Some((count, seconds))))
    }
}

impl TryFrom<String> for Quota {
    type Error = NotAQuota;

    fn try_from(text: String) -> Result<Self, NotAQuota> {
        text.parse()
    }
}

impl From<Quota> for String {
    fn from(quota: Quota) -> Self {
        quota.to_string()
    }
}

impl fmt::Display for Quota {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some((count, seconds)) => write!(formatter, "{count}/{seconds}"),
            None => formatter.write_str("off"),
        }
    }
}

/// Who is counted: a hash, so that each takes the same room and none is told by it.
type Key = [u8; 16];

/// The time as limits see it: it never goes back, whatever becomes of the system's clock.
#[derive(Debug, Clone)]
struct Ticking {
    begun: Instant,
    clock: Clock,
}

impl clock::Clock for Ticking {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.begun.elapsed() + self.clock.ahead()
    }
}

/// When each is through with what they took.
#[derive(Clone)]
struct Table(Arc<Mutex<LruCache<Key, Nanos>>>);

impl Table {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(LruCache::new(COUNTED_AT_ONCE))))
    }

    /// Takes back that somebody took one.
    fn give_back(&self, key: &Key, each: Nanos) {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(until) = table.get_mut(key) {
            *until = Nanos::from(until.as_u64().saturating_sub(each.as_u64()));
        }
    }
}

impl StateStore for Table {
    type Key = Key;

    fn measure_and_replace<T, F, E>(&self, key: &Key, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (outcome, next) = decide(table.get(key).copied())?;
        table.put(*key, next);
        Ok(outcome)
    }
}

/// One limit, and everybody whom it counts.
pub struct Limit {
    name: &'static str,
    counter: Option<Counter>,
}

struct Counter {
    count: u32,
    seconds: u32,
    /// How long one takes to be new again.
    each: Nanos,
    limiter: RateLimiter<Key, Table, Ticking, StateInformationMiddleware>,
    table: Table,
    ticking: Ticking,
}

/// How somebody stands to a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The limit's name.
    pub name: &'static str,
    /// How many there are.
    pub count: u32,
    /// In how many seconds they are all new again.
    pub seconds: u32,
    /// How many are left.
    pub remaining: u32,
    /// In how many seconds as many are left as there are.
    pub reset: u64,
    /// In how many seconds there is one again, where none is left.
    pub retry_after: Option<u64>,
}

impl Limit {
    fn new(name: &'static str, quota: Quota, clock: &Clock) -> Self {
        let counter = quota
            .0
            .map(|(count, seconds)| Counter::new(count, seconds, clock));
        Self { name, counter }
    }

    /// Counts somebody; nothing where there is no limit.
    ///
    /// # Errors
    /// Where they have none left.
    fn take(&self, key: &Key) -> Result<Option<Standing>, Standing> {
        let Some(counter) = &self.counter else {
            return Ok(None);
        };
        let standing = |remaining, retry_after| Standing {
            name: self.name,
            count: counter.count,
            seconds: counter.seconds,
            remaining,
            reset: counter.reset(remaining),
            retry_after,
        };
        match counter.limiter.check_key(key) {
            Ok(state) => Ok(Some(standing(state.remaining_burst_capacity(), None))),
            Err(until) => {
                let now = clock::Clock::now(&counter.ticking);
                let wait = until.wait_time_from(now).as_secs_f64().ceil().max(1.0);
                Err(standing(0, Some(wait as u64)))
            }
        }
    }

    fn give_back(&self, key: &Key) {
        if let Some(counter) = &self.counter {
            counter.table.give_back(key, counter.each);
        }
    }
}

impl Counter {
    fn new(count: NonZeroU32, seconds: NonZeroU32, clock: &Clock) -> Self {
        let each = Duration::from_secs(seconds.get().into()) / count.get();
        let quota = governor::Quota::with_period(each)
            .unwrap_or_else(|| governor::Quota::per_second(count))
            .allow_burst(count);
        let table = Table::new();
        let ticking = Ticking {
            begun: Instant::now(),
            clock: clock.clone(),
        };
        Self {
            count: count.get(),
            seconds: seconds.get(),
            each: each.into(),
            limiter: RateLimiter::new(quota, table.clone(), ticking.clone()),
            table,
            ticking,
        }
    }

    fn reset(&self, remaining: u32) -> u64 {
        let taken = u64::from(self.count.saturating_sub(remaining));
        (taken * u64::from(self.seconds)).div_ceil(u64::from(self.count))
    }
}

/// Every limit.
pub struct Limits {
    caller: Limit,
    address: Limit,
    account_failures: Limit,
    code_failures: Limit,
    address_failures: Limit,
}

/// What somebody tries to prove.
#[derive(Debug, Clone, Copy)]
pub enum Proof<'a> {
    /// That the account with this address is theirs, by its password.
    Password(&'a str),
    /// That they were invited, by a code.
    InviteCode(&'a str),
}

impl Limits {
    /// As configured, by this clock.
    pub fn new(config: &Config, clock: &Clock) -> Self {
        Self {
            caller: Limit::new("caller", config.limit_caller, clock),
            address: Limit::new("address", config.limit_address, clock),
            account_failures: Limit::new("account", config.limit_account_failures, clock),
            code_failures: Limit::new("code", config.limit_code_failures, clock),
            address_failures: Limit::new("failures", config.limit_address_failures, clock),
        }
    }

    /// Counts a request of somebody who is known: a member's or a session's id.
    ///
    /// # Errors
    /// Where there were too many.
    pub fn caller(&self, id: &str) -> Result<Option<Standing>, Standing> {
        self.caller.take(&key(&[id.as_bytes()]))
    }

    /// Counts a request of nobody who is known.
    ///
    /// # Errors
    /// Where there were too many from the address.
    pub fn address(&self, address: Option<IpAddr>) -> Result<Option<Standing>, Standing> {
        match address {
            Some(address) => self.address.take(&key(&[&network(address)])),
            None => Ok(None),
        }
    }

    /// Lets somebody try, unless they failed too often, with this or from there. It counts as a failure until it is over,
    /// so that many at once are not more than one after the other.
    ///
    /// # Errors
    /// [`Code::TooManyFailures`].
    pub fn trial(&self, proof: Proof<'_>, from: Option<IpAddr>) -> Result<Trial<'_>, Problem> {
        let (limit, of) = match proof {
            Proof::Password(email) => (&self.account_failures, email.to_lowercase()),
            Proof::InviteCode(code) => (&self.code_failures, code.to_owned()),
        };
        let mut trial = Trial { taken: Vec::new() };
        trial.take(limit, key(&[of.as_bytes()]))?;
        if let Some(address) = from {
            trial.take(&self.address_failures, key(&[&network(address)]))?;
        }
        Ok(trial)
    }
}

/// An attempt to prove something. Unless it failed, it is not counted.
#[must_use]
pub struct Trial<'a> {
    taken: Vec<(&'a Limit, Key)>,
}

impl<'a> Trial<'a> {
    fn take(&mut self, limit: &'a Limit, key: Key) -> Result<(), Problem> {
        match limit.take(&key) {
            Ok(_) => {
                self.taken.push((limit, key));
                Ok(())
            }
            Err(standing) => {
                Err(Problem::new(Code::TooManyFailures).after(standing.retry_after.unwrap_or(1)))
            }
        }
    }

    /// It failed: it counts.
    pub fn failed(mut self) {
        self.taken.clear();
    }
}

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        for (limit, key) in &self.taken {
            limit.give_back(key);
        }
    }
}

fn key(parts: &[&[u8]]) -> Key {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    let hash: [u8; 32] = hash.finalize().into();
    let mut key = [0; 16];
    key.copy_from_slice(hash.first_chunk::<16>().unwrap_or(&[0; 16]));
    key
}

/// Who has one address of version 6 has as many as they like: what counts is the network, /64.
fn network(address: IpAddr) -> [u8; 8] {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            // No address of version 6 begins so.
            [0xff, 0xff, 0xff, 0xff, a, b, c, d]
        }
        IpAddr::V6(address) => {
            let [a, b, c, d, e, f, g, h, ..] = address.octets();
            [a, b, c, d, e, f, g, h]
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn limit(quota: &str, clock: &Clock) -> Limit {
        Limit::new("test", quota.parse().unwrap(), clock)
    }

    #[test]
    fn a_quota_is_a_number_in_a_time_or_off() {
        for text in ["1/1", "1000/10", "off"] {
            assert_eq!(text.parse::<Quota>().unwrap().to_string(), text);
        }
        for text in ["", "1", "0/1", "1/0", "1/", "-1/1", "on", "1000001/1", "1/86401"] {
            assert!(text.parse::<Quota>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_was_taken_is_new_after_a_time() {
        let clock = Clock::system();
        let limit = limit("3/300", &clock);
        let (one, other) = ([1; 16], [2; 16]);
        for remaining in [2, 1, 0] {
            let standing = limit.take(&one).unwrap().unwrap();
            assert_eq!(standing.remaining, remaining);
            assert_eq!(standing.reset, u64::from(3 - remaining) * 100);
        }
        let refused = limit.take(&one).unwrap_err();
        assert!(refused.retry_after.is_some_and(|wait| (99..=100).contains(&wait)));
        assert!(limit.take(&other).is_ok());
        clock.advance(TimeDelta::seconds(101));
        assert!(limit.take(&one).is_ok() && limit.take(&one).is_err());
        limit.give_back(&one);
        assert!(limit.take(&one).is_ok());
    }

    #[test]
    fn giving_back_gives_no_more_than_there_was() {
        let clock = Clock::system();
        let limit = limit("2/100", &clock);
        for _ in 0..10 {
            limit.take(&[1; 16]).unwrap();
            limit.give_back(&[1; 16]);
            limit.give_back(&[1; 16]);
        }
        assert_eq!(limit.take(&[1; 16]).unwrap().unwrap().remaining, 1);
    }

    #[test]
    fn as_many_are_counted_as_there_is_room_for() {
        let limit = limit("1/1000", &Clock::system());
        for number in 0..COUNTED_AT_ONCE.get() as u128 + 10 {
            limit.take(&number.to_be_bytes()).unwrap();
        }
        let table = &limit.counter.as_ref().unwrap().table;
        assert_eq!(table.0.lock().unwrap().len(), COUNTED_AT_ONCE.get());
        // Whoever was not seen for longest is forgotten.
        assert!(limit.take(&0_u128.to_be_bytes()).is_ok());
        assert!(limit.take(&1_000_u128.to_be_bytes()).is_err());
    }

    #[test]
    fn an_address_of_version_6_counts_with_its_network() {
        let network = |text: &str| network(text.parse().unwrap());
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:1"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_eq!(network("192.0.2.1"), network("::ffff:192.0.2.1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }

    #[test]
    fn only_what_failed_counts() {
        let config = Config {
            limit_account_failures: "2/600".parse().unwrap(),
            limit_address_failures: "3/600".parse().unwrap(),
            ..Config::load(&crate::config::Overrides::default()).unwrap()
        };
        let limits = Limits::new(&config, &Clock::system());
        let from = Some("192.0.2.1".parse().unwrap());
        let attempt = |email: &str| limits.trial(Proof::Password(email), from);
        for _ in 0..10 {
            drop(attempt("a@example.org").unwrap());
        }
        for _ in 0..2 {
            attempt("a@example.org").unwrap().failed();
        }
        let refused = attempt("A@example.ORG").map(drop).unwrap_err();
        assert_eq!(refused.code, Code::TooManyFailures);
        assert!(refused.retry_after.is_some_and(|wait| wait > 290));
        attempt("b@example.org").unwrap().failed();
        assert!(attempt("c@example.org").is_err());
        // What the address is refused for does not count against the account.
        let elsewhere = Some("192.0.2.2".parse().unwrap());
        for _ in 0..5 {
            assert!(attempt("c@example.org").is_err());
        }
        assert!(limits.trial(Proof::Password("c@example.org"), elsewhere).is_ok());
    }
}
