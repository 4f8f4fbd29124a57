//! The forms of a signature: what the card is to sign for each, and what becomes of its answer.

use crate::failure::Failure;
use kazasu_catalogue::{Part, Trouble};
use kazasu_core::{Digest, Signature};
use kazasu_pki::cms::{self, Extras, Profile};
use kazasu_pki::sign::{FinishError, PrepareError};
use kazasu_pki::{DisclosureAck, Purpose, Signing, TransientCertificate, UserAuthentication, jws, raw};
use std::time::SystemTime;

/// A file that was read.
pub(super) struct Job {
    pub(super) digest: Digest,
    /// Where the form has it inside.
    pub(super) content: Option<Vec<u8>>,
}

/// What the card signs, and what is made of its signature: nothing that the certificate does not verify.
pub(super) struct Pending<'a> {
    pub(super) digest: Digest,
    pub(super) finish: Finish<'a>,
}

type Finish<'a> = Box<dyn FnOnce(&Signature) -> Result<Vec<u8>, Failure> + 'a>;

/// What a key of this purpose can make.
pub(super) trait Form<P: Purpose>: Copy {
    /// What was read of a file.
    type Job;

    /// Whether the certificate of the authority goes along.
    fn with_authority(self) -> bool;

    fn begin<'a>(
        self,
        job: &'a Self::Job,
        certificate: &'a TransientCertificate<P>,
        authority: Option<&'a [u8]>,
    ) -> Result<Pending<'a>, Failure>;
}

/// With the signature key.
#[derive(Clone, Copy)]
pub(super) enum SignForm {
    Raw,
    Cms(DisclosureAck),
}

/// With the user-authentication key.
#[derive(Clone, Copy)]
pub(super) enum AuthForm {
    Raw,
    Jws,
}

impl Form<Signing> for SignForm {
    type Job = Job;

    fn with_authority(self) -> bool {
        matches!(self, Self::Cms(_))
    }

    fn begin<'a>(
        self,
        job: &'a Job,
        certificate: &'a TransientCertificate<Signing>,
        authority: Option<&'a [u8]>,
    ) -> Result<Pending<'a>, Failure> {
        let Self::Cms(told) = self else { return Ok(bare(job, certificate)) };
        let profile = Profile::Cades { signing_time: Some(SystemTime::now()) };
        let prepared = cms::prepare(&job.digest, certificate, profile, told).map_err(unprepared)?;
        let digest = prepared.to_be_signed().digest;
        let finish = move |signature: &Signature| {
            let authorities: Vec<_> = authority.into_iter().collect();
            let extras = Extras { content: job.content.as_deref(), authorities: &authorities };
            prepared.finish(certificate, &signature.0, extras).map_err(unfinished)
        };
        Ok(Pending { digest, finish: Box::new(finish) })
    }
}

impl Form<UserAuthentication> for AuthForm {
    type Job = Job;

    fn with_authority(self) -> bool {
        false
    }

    fn begin<'a>(
        self,
        job: &'a Job,
        certificate: &'a TransientCertificate<UserAuthentication>,
        _: Option<&'a [u8]>,
    ) -> Result<Pending<'a>, Failure> {
        let (Self::Jws, Some(content)) = (self, &job.content) else { return Ok(bare(job, certificate)) };
        let prepared = jws::prepare(content, certificate).map_err(unprepared)?;
        let digest = prepared.to_be_signed().digest;
        let finish = move |signature: &Signature| {
            prepared.finish(certificate, &signature.0).map(String::into_bytes).map_err(unfinished)
        };
        Ok(Pending { digest, finish: Box::new(finish) })
    }
}

fn bare<'a, P: Purpose>(job: &'a Job, certificate: &'a TransientCertificate<P>) -> Pending<'a> {
    let finish = |signature: &Signature| raw::finish(certificate, &job.digest, &signature.0).map_err(unfinished);
    Pending { digest: job.digest, finish: Box::new(finish) }
}

pub(super) fn unprepared(error: PrepareError) -> Failure {
    let what = match error {
        PrepareError::Certificate(_) => Part::Certificate,
        PrepareError::OtherHash(_) => Part::Key,
        PrepareError::Time => Part::Date,
    };
    Trouble::Unreadable { what }.into()
}

pub(super) fn unfinished(error: FinishError) -> Failure {
    match error {
        FinishError::WrongSignature(_) => Trouble::SignatureWrong.into(),
        FinishError::Authority => Trouble::Unreadable { what: Part::Authority }.into(),
        FinishError::Certificate(_)
        | FinishError::NotPrepared
        | FinishError::OtherCertificate
        | FinishError::OtherContent => Trouble::Unreadable { what: Part::Certificate }.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_that_the_certificate_does_not_verify_is_refused_in_every_form() {
        let persona = kazasu_fixtures::Persona::named("adult").expect("a persona");
        let der = |file| persona.file("jpki", file).expect("a certificate");
        let signing = TransientCertificate::new(&der(0x01)).expect("a certificate");
        let authentication = TransientCertificate::new(&der(0x0A)).expect("a certificate");
        let with = |content| Job { digest: Digest::Sha256([1; 32]), content };
        let (job, with_content) = (with(None), with(Some(b"text".to_vec())));
        let told = DisclosureAck::the_file_will_show_name_address_birth_date_and_sex();
        for pending in [
            SignForm::Raw.begin(&job, &signing, None),
            SignForm::Cms(told).begin(&job, &signing, None),
            AuthForm::Raw.begin(&job, &authentication, None),
            AuthForm::Jws.begin(&with_content, &authentication, None),
        ] {
            let refused = (pending.expect("prepared").finish)(&Signature([2; 256]));
            assert!(matches!(refused, Err(Failure::Host(Trouble::SignatureWrong))));
        }
    }
}
