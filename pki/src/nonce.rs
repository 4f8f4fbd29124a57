//! Nonces: what a server draws so that nothing old can be played to it again. Each is used once, and not for long.

use base64ct::{Base64, Encoding as _};
use rsa::rand_core::{OsRng, RngCore as _};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};
use thiserror::Error;

/// 256 bits: nobody guesses one, and no two are alike.
pub const SHORTEST_NONCE: usize = 32;
/// Longer ones are not believed.
pub const LONGEST_NONCE: usize = 64;

/// A nonce, from [`SHORTEST_NONCE`] to [`LONGEST_NONCE`] bytes.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Nonce(Vec<u8>);

/// Why there is no nonce.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NonceError {
    /// Shorter than [`SHORTEST_NONCE`], longer than [`LONGEST_NONCE`], or not base64.
    #[error("a nonce has 32 to 64 bytes; the server must draw at least 256 bits")]
    Unusable,
    /// The operating system gives no random bytes.
    #[error("the operating system gives no random bytes")]
    NoRandomness,
    /// As many as the store takes are waiting to be used.
    #[error("too many nonces are waiting to be used; let some expire first")]
    TooMany,
}

impl Nonce {
    /// 256 random bits from the operating system.
    ///
    /// # Errors
    /// [`NonceError::NoRandomness`].
    pub fn draw() -> Result<Self, NonceError> {
        let mut bytes = vec![0; SHORTEST_NONCE];
        OsRng.try_fill_bytes(&mut bytes).map_err(|_| NonceError::NoRandomness)?;
        Ok(Self(bytes))
    }

    /// One that was drawn elsewhere.
    ///
    /// # Errors
    /// [`NonceError::Unusable`] for a length outside [`SHORTEST_NONCE`] and [`LONGEST_NONCE`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NonceError> {
        let fits = (SHORTEST_NONCE..=LONGEST_NONCE).contains(&bytes.len());
        fits.then(|| Self(bytes.to_vec())).ok_or(NonceError::Unusable)
    }

    /// The inverse of [`Self::to_base64`].
    ///
    /// # Errors
    /// [`NonceError::Unusable`].
    pub fn from_base64(text: &str) -> Result<Self, NonceError> {
        Self::from_bytes(&Base64::decode_vec(text).map_err(|_| NonceError::Unusable)?)
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Base64 with padding (RFC 4648, 4): 44 characters for 32 bytes.
    #[must_use]
    pub fn to_base64(&self) -> String {
        Base64::encode_string(&self.0)
    }
}

impl fmt::Debug for Nonce {
    /// The length: until it is used, a nonce is nobody else's business.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Nonce({} bytes)", self.0.len())
    }
}

/// The nonces that are waiting to be used. A store can only give one away: nothing looks at a nonce and leaves it
/// there.
///
/// Behind several servers this is one statement in a database they share: delete the row, and return it.
pub trait NonceStore {
    /// What the server put down beside the nonce: whose session it is, what was asked for.
    type Session;

    /// Takes a nonce out, in one step: of any number of callers at the same time, one gets the session.
    ///
    /// `None` when it was never given out, was used, or has expired at `at`. Call this before anything else is checked,
    /// so that a failed attempt spends its nonce too.
    fn consume(&self, nonce: &Nonce, at: SystemTime) -> Option<Self::Session>;
}

/// A store in memory, for one server process. A restart forgets them all, which is safe.
pub struct MemoryNonces<S> {
    waiting: Mutex<HashMap<Nonce, (SystemTime, S)>>,
    lifetime: Duration,
    most: usize,
}

impl<S> MemoryNonces<S> {
    /// Nonces that live for `lifetime`, and not more than `most` at a time.
    #[must_use]
    pub fn new(lifetime: Duration, most: usize) -> Self {
        Self { waiting: Mutex::new(HashMap::new()), lifetime, most }
    }

    /// Draws a nonce and puts the session down beside it, until it is used or `lifetime` after `at`.
    ///
    /// # Errors
    /// [`NonceError::NoRandomness`], [`NonceError::TooMany`].
    pub fn issue(&self, session: S, at: SystemTime) -> Result<Nonce, NonceError> {
        let nonce = Nonce::draw()?;
        let mut waiting = self.lock();
        if waiting.len() >= self.most {
            waiting.retain(|_, (until, _)| at <= *until);
        }
        if waiting.len() >= self.most {
            return Err(NonceError::TooMany);
        }
        waiting.insert(nonce.clone(), (at + self.lifetime, session));
        Ok(nonce)
    }

    /// A caller that panicked while it held the lock left the map whole: each use is one operation on it.
    fn lock(&self) -> MutexGuard<'_, HashMap<Nonce, (SystemTime, S)>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S> NonceStore for MemoryNonces<S> {
    type Session = S;

    fn consume(&self, nonce: &Nonce, at: SystemTime) -> Option<S> {
        let (until, session) = self.lock().remove(nonce)?;
        (at <= until).then_some(session)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const NOW: SystemTime = SystemTime::UNIX_EPOCH;
    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn a_nonce_is_given_away_once() {
        let store = MemoryNonces::new(MINUTE, 10);
        let nonce = store.issue("session", NOW).expect("a nonce");
        assert_eq!(store.consume(&nonce, NOW), Some("session"));
        assert_eq!(store.consume(&nonce, NOW), None);
    }

    #[test]
    fn of_a_hundred_who_come_together_one_gets_the_session() {
        let store = MemoryNonces::new(MINUTE, 10);
        let nonce = store.issue((), NOW).expect("a nonce");
        let winners = AtomicUsize::new(0);
        let start = std::sync::Barrier::new(100);
        std::thread::scope(|scope| {
            for _ in 0..100 {
                scope.spawn(|| {
                    start.wait();
                    if store.consume(&nonce, NOW).is_some() {
                        winners.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!(winners.into_inner(), 1);
    }

    #[test]
    fn a_nonce_lives_to_the_end_of_its_lifetime_and_asking_too_late_spends_it() {
        let store = MemoryNonces::new(MINUTE, 10);
        let (first, second) = (store.issue(1, NOW).expect("a nonce"), store.issue(2, NOW).expect("a nonce"));
        assert_eq!(store.consume(&first, NOW + MINUTE), Some(1));
        assert_eq!(store.consume(&second, NOW + MINUTE + Duration::from_nanos(1)), None);
        assert_eq!(store.consume(&second, NOW), None);
    }

    #[test]
    fn what_nobody_gave_out_is_nobodys() {
        let store = MemoryNonces::<()>::new(MINUTE, 10);
        assert_eq!(store.consume(&Nonce::draw().expect("a nonce"), NOW), None);
    }

    #[test]
    fn a_full_store_refuses_until_some_have_expired() {
        let store = MemoryNonces::new(MINUTE, 2);
        let first = store.issue(1, NOW).expect("a nonce");
        store.issue(2, NOW).expect("a nonce");
        assert_eq!(store.issue(3, NOW).err(), Some(NonceError::TooMany));
        assert_eq!(store.consume(&first, NOW), Some(1));
        store.issue(4, NOW + 2 * MINUTE).expect("a place");
        store.issue(5, NOW + 2 * MINUTE).expect("the second one has expired");
    }

    #[test]
    fn a_nonce_has_256_bits_or_is_none() {
        let drawn = Nonce::draw().expect("a nonce");
        assert_eq!((drawn.as_bytes().len(), drawn.to_base64().len()), (32, 44));
        assert_ne!(drawn, Nonce::draw().expect("another"));
        assert_eq!(Nonce::from_base64(&drawn.to_base64()), Ok(drawn));
        for len in [0, 16, 31, 65] {
            assert_eq!(Nonce::from_bytes(&vec![7; len]), Err(NonceError::Unusable), "{len} bytes");
        }
        assert_eq!(Nonce::from_base64("not base64"), Err(NonceError::Unusable));
        assert_eq!(format!("{:?}", Nonce::from_bytes(&[7; 32]).expect("a nonce")), "Nonce(32 bytes)");
    }
}
