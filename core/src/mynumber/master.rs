//! The card manager (GlobalPlatform issuer security domain): data objects outside any application. Selecting it also closes
//! whatever was open in another application.

use crate::error::Error;
use crate::session::Session;
use crate::table::{Application, DataObject, Evidence, Privacy};
use crate::transport::Transport;
use core::ptr;

use Evidence::Measured;
use Privacy::{Personal, Public};

static ISSUER_KEY: DataObject = DataObject::row(0x0042, "issuer key reference", "発行者の鍵の識別子", Public, Measured);
static CARD_NUMBER: DataObject = DataObject::row(0x0045, "card number", "カード番号", Personal, Measured);
static RECOGNITION: DataObject = DataObject::row(0x0066, "card recognition data", "カード認識データ", Public, Measured);
static MUNICIPALITY: DataObject = DataObject::row(0x00F0, "municipality", "市区町村コード", Public, Measured);
static EXPIRY: DataObject = DataObject::row(0x00F2, "expiry date", "有効期限", Personal, Measured);
static INTERMEDIATE_KEY: DataObject = DataObject::row(0x00F7, "intermediate key reference", "中間鍵の識別子", Public, Measured);
static INTERMEDIATE: DataObject = DataObject::row(0x00F8, "intermediate certificate", "中間証明書", Public, Measured);
static CERTIFICATE: DataObject = DataObject::row(0x7F21, "certificate below the intermediate one", "中間証明書の下の証明書", Public, Measured);
static ATR: DataObject = DataObject::row(0x5F51, "answer to reset without TS", "リセット応答(TSを除く)", Public, Measured);

/// The table.
pub static MASTER: Application = Application {
    name: "master",
    title: "card manager",
    title_ja: "カードマネージャ",
    aid: &[0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00],
    files: &[],
    pins: &[],
    keys: &[],
    objects: &[
        &ISSUER_KEY,
        &CARD_NUMBER,
        &RECOGNITION,
        &MUNICIPALITY,
        &EXPIRY,
        &INTERMEDIATE_KEY,
        &INTERMEDIATE,
        &CERTIFICATE,
        &ATR,
    ],
    evidence: Measured,
}
.checked();

impl<T: Transport> Session<T> {
    /// Leaves the card with its keys closed, for hosts that cannot take its power away: selecting another application closes
    /// everything that was opened (Measured). Also after an error has ended the session, as this can only close. Gives the
    /// transport back, and whether the card said yes.
    ///
    /// `00 A4 04 0C 07 A0000001510000`; where that is refused, another application
    pub async fn close(mut self) -> (T, bool) {
        // Asked even where it is believed to be selected: what is believed is from before the error.
        let before = self.application.filter(|before| !ptr::eq(*before, &raw const MASTER));
        let closed = self.close_by([&MASTER].iter().chain(super::APPLICATIONS), before).await;
        (self.into_transport(), closed)
    }

    /// By the first one of these that says yes and is not the one that may have something open.
    pub(crate) async fn close_by(
        &mut self,
        applications: impl Iterator<Item = &&'static Application>,
        before: Option<&'static Application>,
    ) -> bool {
        self.exchange.reopen();
        self.application = None;
        for other in applications.filter(|other| before.is_none_or(|before| !ptr::eq(before, **other))) {
            if self.open(other).await.is_ok() {
                return true;
            }
            if self.exchange.is_over() {
                return false;
            }
        }
        false
    }

    /// One of the card's data objects by its tag, at card level; no secret. The buffer needs three bytes more than the object.
    ///
    /// # Errors
    /// [`Error::Misuse`] for a tag that is not in the table, [`Error::Absent`] where this card lacks it, [`Error::BufferTooSmall`].
    pub async fn data_object<'b>(&mut self, tag: u16, buf: &'b mut [u8]) -> Result<&'b [u8], Error> {
        let object = MASTER.objects.iter().find(|object| object.tag == tag);
        let object = object.ok_or(Error::Misuse("no such data object"))?;
        self.open(&MASTER).await?;
        let len = self.get_data(object.tag, object.name, buf).await?;
        Ok(&buf[..len])
    }
}
