//! The simulated card, for apps under development and for tests: no card, no reader, no phone. Linked into the bridge
//! by its feature `demo-card`, and never into a release.

use kazasu_core::SecretKind;
use kazasu_fixtures::{Persona, Profile, SimCard, authorities};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

uniffi::setup_scaffolding!();

/// Why there is no such card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum DemoError {
    /// No demonstration card has this name.
    #[error("no demonstration card has this name")]
    NoSuchPerson,
    /// No profile has this name.
    #[error("no profile has this name")]
    NoSuchProfile,
    /// No secret has this name.
    #[error("no secret has this name")]
    NoSuchSecret,
}

/// A card of a person who does not exist.
#[derive(uniffi::Object)]
pub struct DemoCard {
    persona: Persona,
    card: Mutex<SimCard>,
}

#[uniffi::export]
impl DemoCard {
    /// The card of a person (`adult`, `child`, …) in one of the ways in which cards differ (`standard`, `short-only`,
    /// …).
    #[uniffi::constructor]
    pub fn new(person: String, profile: String) -> Result<Arc<Self>, DemoError> {
        let persona = Persona::named(&person).map_err(|_| DemoError::NoSuchPerson)?;
        let profile = Profile::named(&profile).map_err(|_| DemoError::NoSuchProfile)?;
        let card = Mutex::new(SimCard::new(&persona, profile));
        Ok(Arc::new(Self { persona, card }))
    }

    /// Answers one command; nothing where the card is torn away.
    pub fn transmit(&self, command: Vec<u8>) -> Result<Option<Vec<u8>>, DemoError> {
        Ok(self.card().command(&command))
    }

    /// The card leaves the field: what was open is closed.
    pub fn power_cycle(&self) -> Result<(), DemoError> {
        self.card().power_cycle();
        Ok(())
    }

    /// Commands answered so far.
    pub fn commands(&self) -> Result<u32, DemoError> {
        Ok(self.card().tally().commands as u32)
    }

    /// Secrets sent so far.
    pub fn secrets_sent(&self) -> Result<u32, DemoError> {
        Ok(self.card().tally().secrets as u32)
    }

    /// A secret of this person as it would be typed, by its stable name: `auth-pin`, `sign-password`, `text-pin`, …
    pub fn secret(&self, name: String) -> Result<String, DemoError> {
        let kind = SecretKind::ALL.into_iter().find(|kind| kind.name() == name).ok_or(DemoError::NoSuchSecret)?;
        Ok(self.persona.secrets.of(kind).to_owned())
    }
}

/// A key above the demonstration cards' municipalities.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct DemoMunicipalAuthority {
    /// `text`, `surface` or `mf`: where it certifies.
    pub application: String,
    /// What certificates call it.
    pub id: Vec<u8>,
    /// Big-endian; the exponent is 65537.
    pub modulus: Vec<u8>,
}

/// The authorities above the demonstration cards' signing certificates or, without `signing`, above those for user
/// authentication: DER. Whoever believes them believes a card that anybody can make.
#[uniffi::export]
pub fn demo_authorities(signing: bool) -> Result<Vec<Vec<u8>>, DemoError> {
    let pem = if signing { authorities::SIGNING } else { authorities::USER_AUTHENTICATION };
    // It is in here, and another test reads it.
    let der = |pem: &str| der::pem::decode_vec(pem.as_bytes()).map(|(_, der)| der).unwrap_or_default();
    Ok(pem.into_iter().map(der).collect())
}

/// The keys above the demonstration cards' municipalities.
#[uniffi::export]
pub fn demo_municipal_authorities() -> Result<Vec<DemoMunicipalAuthority>, DemoError> {
    let row = |row: authorities::CvAuthority| DemoMunicipalAuthority {
        application: row.application,
        id: row.id.to_vec(),
        modulus: row.modulus.to_vec(),
    };
    Ok(authorities::cv_authorities().into_iter().map(row).collect())
}

impl DemoCard {
    fn card(&self) -> MutexGuard<'_, SimCard> {
        self.card.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
