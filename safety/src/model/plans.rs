//! What an app does with plans: it types what is missing, lets the plan go, and goes on after a slip with what was not sent yet.

use super::schedule::{Text, Typed, poll_once};
use super::world::{Broken, World};
use crate::card::Which;
use crate::random::Random;
use kazasu_core::mynumber::jpki::FreeCertificate;
use kazasu_core::plan::{Item, Part, Plan, Receive, Run, Secrets, SigningKey};
use kazasu_core::{Counter, Digest, Error, SecretKind, Session, Transport};

/// What a plan wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// A certificate that tells cards apart, and a signature: what was done can be proved to be of the same card.
    Proven,
    /// A signature and the number, each with a secret of its own: nothing proves the card.
    Unproven,
    /// The number with itself as the secret, and how many tries that has.
    Number,
    /// Everything that the model's card has.
    Everything,
}

const SIGN_AUTH: Item = Item::Sign(SigningKey::Auth, Digest::Sha256([7; 32]));
const SIGN_SIGN: Item = Item::SignLater(SigningKey::Sign);

impl Want {
    const ALL: [Self; 4] = [Self::Proven, Self::Unproven, Self::Number, Self::Everything];

    pub(super) fn any(random: &mut Random) -> Self {
        random.pick(&Self::ALL)
    }

    const fn items(self) -> &'static [Item] {
        const PROVEN: &[Item] = &[Item::Certificate(FreeCertificate::Auth), SIGN_AUTH];
        const UNPROVEN: &[Item] = &[SIGN_AUTH, Item::MyNumber];
        const NUMBER: &[Item] = &[Item::Tries(SecretKind::NumberA), Item::MyNumber];
        const EVERYTHING: &[Item] = &[
            Item::Tries(SecretKind::AuthPin),
            Item::CardKind,
            Item::CertificatesPresent,
            Item::Certificate(FreeCertificate::Auth),
            SIGN_AUTH,
            SIGN_SIGN,
            Item::MyNumber,
            Item::Attributes,
        ];
        match self {
            Self::Proven => PROVEN,
            Self::Unproven => UNPROVEN,
            Self::Number => NUMBER,
            Self::Everything => EVERYTHING,
        }
    }

    /// The secret that the app asks for, of those that open an item.
    fn asks_for(self, kinds: &[SecretKind]) -> Which {
        let wanted = if self == Self::Number { SecretKind::NumberA } else { kinds[0] };
        which(wanted).expect("a secret of the model")
    }
}

/// One way to use plans as an app must not. A check of the promises that sees no difference is no check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// It keeps what was typed, and hands it in again by itself.
    TypesAgain,
    /// It permits last tries without asking anybody.
    Permits,
    /// Where another card was put there it begins anew, with what was typed for the first one.
    TakesAnyCard,
    /// After a slip it hands out what came of either card.
    MixesCards,
}

impl Flaw {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::TypesAgain, Self::Permits, Self::TakesAnyCard, Self::MixesCards];
}

const fn which(kind: SecretKind) -> Option<Which> {
    match kind {
        SecretKind::AuthPin => Some(Which::Auth),
        SecretKind::SignPassword => Some(Which::Sign),
        SecretKind::TextPin => Some(Which::Text),
        SecretKind::NumberA => Some(Which::Number),
        _ => None,
    }
}

const fn kind(which: Which) -> SecretKind {
    match which {
        Which::Auth => SecretKind::AuthPin,
        Which::Sign => SecretKind::SignPassword,
        Which::Text => SecretKind::TextPin,
        Which::Number => SecretKind::NumberA,
    }
}

/// Takes what comes, and knows what is signed later.
struct Takes<G>(G);

impl<G: FnMut(usize, Part<'_>)> Receive for Takes<G> {
    fn got(&mut self, at: usize, part: Part<'_>) {
        (self.0)(at, part);
    }

    async fn digest(&mut self, _: usize) -> Result<Digest, Error> {
        Ok(Digest::Sha256([7; 32]))
    }
}

/// Where the world is.
pub(super) trait Watched: Copy {
    fn world<R>(self, ask: impl FnOnce(&mut World) -> R) -> R;
}

/// The app, with the plan that is on its way.
pub(super) struct App {
    flaw: Option<Flaw>,
    under_way: Option<UnderWay>,
}

struct UnderWay {
    want: Want,
    run: Run<&'static [Item]>,
    secrets: Secrets,
    buf: Vec<u8>,
    /// Which items came, by their bits, and of which card the first did.
    got: u32,
    of: Option<usize>,
    /// What a careless app keeps.
    kept: [Option<String>; 4],
}

impl UnderWay {
    fn new(want: Want) -> Self {
        let run = Run::new(Plan::new(want.items()).expect("a plan"));
        Self { want, run, secrets: Secrets::new(), buf: vec![0; 700], got: 0, of: None, kept: Default::default() }
    }
}

impl App {
    pub(super) const fn new(flaw: Option<Flaw>) -> Self {
        Self { flaw, under_way: None }
    }

    /// Begins this plan, or goes on with it: types what is missing and lets it go. What it says is held against what happened. `wrong`
    /// makes a secret that no card has and nobody typed before.
    pub(super) fn go<T: Transport>(
        &mut self,
        (want, typed, wrong): (Want, Typed, u32),
        session: &mut Session<T>,
        watched: impl Watched,
    ) {
        if self.under_way.as_ref().is_none_or(|plan| plan.want != want) {
            watched.world(World::forget_handed);
            self.under_way = Some(UnderWay::new(want));
        }
        let Some(plan) = &mut self.under_way else { return };
        plan.types(self.flaw, typed, wrong, watched);
        watched.world(World::begin_plan);
        let outcome = plan.goes(session, self.flaw, watched);
        watched.world(|world| plan.judge(outcome, world));
        match outcome {
            Some(Ok(())) => self.under_way = None,
            Some(Err(Error::OtherCard)) if self.flaw == Some(Flaw::TakesAnyCard) => {
                plan.run = Run::new(*plan.run.plan());
                (plan.got, plan.of) = (0, None);
            }
            _ => {}
        }
    }
}

impl UnderWay {
    /// The holder types what is missing, and permits last tries or does not.
    fn types(&mut self, flaw: Option<Flaw>, typed: Typed, wrong: u32, watched: impl Watched) {
        let missing: Vec<_> = self.run.missing(&self.secrets).map(|kinds| self.want.asks_for(kinds)).collect();
        for which in missing {
            if self.secrets.holds(kind(which)) {
                continue;
            }
            let kept = self.kept[which as usize].clone().filter(|_| flaw == Some(Flaw::TypesAgain));
            let text = kept.unwrap_or_else(|| {
                watched.world(|world| {
                    world.hand(which);
                    let [text, _] = Text { wrong, right: typed.right, card: world.card() }.of(which);
                    text
                })
            });
            self.secrets.give(kind(which), &text).expect("its format is right");
            self.kept[which as usize] = Some(text);
        }
        for which in Which::ALL {
            if typed.permitted {
                watched.world(|world| world.permit(which));
            }
            if typed.permitted || flaw == Some(Flaw::Permits) {
                self.secrets.allow_last_try(kind(which));
            }
        }
    }

    /// `None` where the answer never comes and the plan's future is dropped.
    fn goes<T: Transport>(
        &mut self,
        session: &mut Session<T>,
        flaw: Option<Flaw>,
        watched: impl Watched,
    ) -> Option<Result<(), Error>> {
        let Self { want, run, secrets, buf, got, of, .. } = self;
        if run.starts_anew(session) && flaw != Some(Flaw::MixesCards) {
            (*got, *of) = (0, None);
        }
        let keep = |at: usize, part: Part<'_>| {
            watched.world(|world| {
                if *of.get_or_insert(world.here) != world.here {
                    world.note(Broken::MixedCards);
                }
                *got |= 1 << at;
                world.done_on_this_card();
                if let (Part::Tries(told), Item::Tries(of)) = (&part, &want.items()[at]) {
                    let left = which(*of).map_or(0, |which| world.card().left[which as usize]);
                    let expected = if left == 0 { Counter::Blocked } else { Counter::Left(left) };
                    if *told != expected {
                        world.note(Broken::UntrueCounter);
                    }
                }
            });
        };
        poll_once(run.go_with(session, secrets, buf, &mut Takes(keep)))
    }

    /// What the plan says about tries is what happened to them.
    fn judge(&self, outcome: Option<Result<(), Error>>, world: &mut World) {
        let lost = world.operation.lost > 0;
        match outcome {
            None => {}
            Some(Ok(())) => {
                let all = (1 << self.want.items().len()) - 1;
                if lost || self.got != all {
                    world.note(Broken::UntrueSuccess);
                }
            }
            Some(Err(error)) => {
                if error.spent_a_try().is_some_and(|spent| spent != lost) {
                    world.note(Broken::UntrueAboutTheTry);
                }
                let told = match error {
                    Error::WrongSecret { kind, left } | Error::LastTry { kind, left } => which(kind).zip(left),
                    Error::Blocked { kind, .. } => which(kind).zip(Some(0)),
                    _ => None,
                };
                if told.is_some_and(|(which, left)| left != world.card().left[which as usize]) {
                    world.note(Broken::UntrueCounter);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::schedule::Setting;
    use super::*;

    /// What is noted when a plan says this, so many of its items came and so many tries were lost, of which so many are left.
    fn noted(got: u32, lost: u8, left: u8, says: Result<(), Error>) -> Option<Broken> {
        let mut world = Setting::number(0).world();
        world.operation.lost = lost;
        world.card().left[0] = left;
        UnderWay { got, ..UnderWay::new(Want::Proven) }.judge(Some(says), &mut world);
        world.broken
    }

    #[test]
    fn what_a_plan_says_untruly_is_noted() {
        let wrong = |left| Err(Error::WrongSecret { kind: SecretKind::AuthPin, left: Some(left) });
        let blocked = |spent| Err(Error::Blocked { kind: SecretKind::AuthPin, spent });
        assert_eq!(noted(0b11, 0, 3, Ok(())), None);
        assert_eq!(noted(0b01, 0, 3, Ok(())), Some(Broken::UntrueSuccess));
        assert_eq!(noted(0b11, 1, 2, Ok(())), Some(Broken::UntrueSuccess));
        assert_eq!(noted(0b01, 1, 2, wrong(2)), None);
        assert_eq!(noted(0b01, 0, 2, wrong(2)), Some(Broken::UntrueAboutTheTry));
        assert_eq!(noted(0b01, 1, 2, wrong(1)), Some(Broken::UntrueCounter));
        assert_eq!(noted(0b01, 0, 0, blocked(Some(false))), None);
        assert_eq!(noted(0b01, 0, 1, blocked(Some(false))), Some(Broken::UntrueCounter));
    }
}
