//! What `kazasu doctor` finds in an app's project or on a machine, what it means, and what to do next; and the names
//! that it looks for there.

use crate::{Explanation, Lang, system};
use kazasu_core::Who;
use kazasu_core::table::Application;

/// The key in Info.plist that lists the applications an app may select.
pub const SELECT_IDENTIFIERS: &str = "com.apple.developer.nfc.readersession.iso7816.select-identifiers";
/// The key in Info.plist whose text the system shows when it asks for the permission.
pub const USAGE_TEXT: &str = "NFCReaderUsageDescription";
/// The entitlement for reader sessions; it must hold `TAG`.
pub const ENTITLEMENT: &str = "com.apple.developer.nfc.readersession.formats";
/// Android's permission.
pub const NFC_PERMISSION: &str = "android.permission.NFC";
/// Android's feature, by which shops know who can install an app.
pub const NFC_FEATURE: &str = "android.hardware.nfc";

/// Why a file of a project says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProjectFault {
    /// In the system's words.
    System(String),
    /// It is not in the form of its kind; in the words of whoever read it, which are English.
    Form(String),
}

impl ProjectFault {
    fn words(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::System(said), _) => system::words(said, lang),
            (Self::Form(said), Lang::En) => said.clone(),
            (Self::Form(_), Lang::Ja) => "形式が正しくありません".into(),
        }
    }
}

/// Something that fails at run time, or that is better known beforehand.
#[derive(Debug, Clone)]
pub enum Finding {
    /// A file of the project cannot be read or understood.
    ProjectFile {
        /// Why.
        why: ProjectFault,
    },
    /// Info.plist has no list of applications.
    AidList {
        /// What belongs there.
        wanted: &'static [&'static Application],
    },
    /// One application is not on Info.plist's list.
    Aid {
        /// Which.
        application: &'static Application,
    },
    /// Info.plist has no usage text.
    UsageText,
    /// No target has entitlements.
    EntitlementsFile,
    /// The entitlement is not among them.
    Entitlement,
    /// The entitlement is there without `TAG`.
    EntitlementTag,
    /// The Xcode project does not name the entitlements.
    EntitlementsUnused,
    /// No manifest asks for NFC.
    NfcPermission,
    /// No manifest says that the app is about NFC.
    NfcFeature,
    /// Code is minified, and nothing keeps JNA's.
    JnaRules,
    /// A library does not fit pages of 16 KiB.
    Alignment {
        /// The smallest alignment of its segments.
        align: u64,
    },
    /// pcscd is not installed.
    PcscdMissing,
    /// pcscd is installed and does not run.
    PcscdStopped,
    /// The service turns this program away.
    PcscDenied,
    /// The service fails.
    PcscFailed {
        /// In our words.
        why: String,
    },
    /// No reader is plugged in.
    NoReader,
    /// A reader is plugged in for which PC/SC has no driver.
    ReaderDriver {
        /// No other reader works either.
        alone: bool,
    },
    /// A driver of the kernel has the reader, so PC/SC cannot have it.
    ReaderKernelDriver {
        /// Its name.
        module: String,
        /// No other reader works either.
        alone: bool,
    },
    /// A reader is plugged in that has a driver, and PC/SC does not list it.
    ReaderUnlisted {
        /// No other reader works either.
        alone: bool,
    },
    /// Another program has the card.
    CardHeld,
}

/// As it is written in Info.plist.
fn hexadecimal(aid: &[u8]) -> String {
    aid.iter().map(|byte| format!("{byte:02X}")).collect()
}

impl Finding {
    /// The stable name.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ProjectFile { .. } => "project-file",
            Self::AidList { .. } => "ios-aid-list",
            Self::Aid { .. } => "ios-aid",
            Self::UsageText => "ios-usage-text",
            Self::EntitlementsFile => "ios-entitlements-file",
            Self::Entitlement => "ios-entitlement",
            Self::EntitlementTag => "ios-entitlement-tag",
            Self::EntitlementsUnused => "ios-entitlements-unused",
            Self::NfcPermission => "android-nfc-permission",
            Self::NfcFeature => "android-nfc-feature",
            Self::JnaRules => "android-r8-rules",
            Self::Alignment { .. } => "android-16kb",
            Self::PcscdMissing => "pcscd-missing",
            Self::PcscdStopped => "pcscd-stopped",
            Self::PcscDenied => "pcsc-denied",
            Self::PcscFailed { .. } => "pcsc-failed",
            Self::NoReader => "reader-missing",
            Self::ReaderDriver { .. } => "reader-driver",
            Self::ReaderKernelDriver { .. } => "reader-kernel-driver",
            Self::ReaderUnlisted { .. } => "reader-unlisted",
            Self::CardHeld => "card-held",
        }
    }

    /// Whether something will fail; otherwise it is advice.
    #[must_use]
    pub const fn fails(&self) -> bool {
        match self {
            Self::NfcFeature => false,
            Self::ReaderDriver { alone } | Self::ReaderKernelDriver { alone, .. } | Self::ReaderUnlisted { alone } => {
                *alone
            }
            _ => true,
        }
    }

    /// Who must act: the developer, or whoever looks after the reader and its service.
    #[must_use]
    pub const fn who(&self) -> Who {
        match self {
            Self::ProjectFile { .. }
            | Self::AidList { .. }
            | Self::Aid { .. }
            | Self::UsageText
            | Self::EntitlementsFile
            | Self::Entitlement
            | Self::EntitlementTag
            | Self::EntitlementsUnused
            | Self::NfcPermission
            | Self::NfcFeature
            | Self::JnaRules
            | Self::Alignment { .. } => Who::Caller,
            Self::PcscdMissing
            | Self::PcscdStopped
            | Self::PcscDenied
            | Self::PcscFailed { .. }
            | Self::NoReader
            | Self::ReaderDriver { .. }
            | Self::ReaderKernelDriver { .. }
            | Self::ReaderUnlisted { .. }
            | Self::CardHeld => Who::Link,
        }
    }

    /// In words.
    #[must_use]
    pub fn explain(&self, lang: Lang) -> Explanation {
        let (what, next) = match lang {
            Lang::En => self.en(),
            Lang::Ja => self.ja(),
        };
        Explanation { what, next }
    }

    fn en(&self) -> (String, String) {
        match self {
            Self::ProjectFile { why } => (
                format!("This file cannot be read: {}.", why.words(Lang::En).trim_end_matches('.')),
                "Repair it; the build would not understand it either.".into(),
            ),
            Self::AidList { wanted } => (
                format!("There is no {SELECT_IDENTIFIERS}, so iOS finds no card."),
                format!("Add it as an array of these strings: {}.", aids(wanted, ", ")),
            ),
            Self::Aid { application } => (
                format!(
                    "{SELECT_IDENTIFIERS} does not list {} ({}), so iOS refuses to select it.",
                    application.title_ja, application.title
                ),
                format!("Add the string {} to that array.", hexadecimal(application.aid)),
            ),
            Self::UsageText => (
                format!("There is no {USAGE_TEXT}, so iOS ends the app when it opens a reader session."),
                "Add it: one sentence that tells the user why the app reads the card.".into(),
            ),
            Self::EntitlementsFile => (
                format!("The project has no entitlements, so iOS refuses every reader session: {ENTITLEMENT} is missing."),
                "In Xcode, under Signing & Capabilities, add Near Field Communication Tag Reading.".into(),
            ),
            Self::Entitlement => (
                format!("{ENTITLEMENT} is missing, so iOS refuses every reader session."),
                "In Xcode, under Signing & Capabilities, add Near Field Communication Tag Reading; it writes this key with TAG.".into(),
            ),
            Self::EntitlementTag => (
                format!("{ENTITLEMENT} does not hold TAG, and the card is read as a tag."),
                "Add the string TAG to that array. Other values may stay.".into(),
            ),
            Self::EntitlementsUnused => (
                "No build setting names this file, so the app is signed without its entitlements.".into(),
                "Set CODE_SIGN_ENTITLEMENTS of the app's target to this file.".into(),
            ),
            Self::NfcPermission => (
                format!("No manifest of the app asks for {NFC_PERMISSION}, so Android throws a SecurityException as soon as the app uses NFC."),
                format!("Add <uses-permission android:name=\"{NFC_PERMISSION}\" /> to the manifest."),
            ),
            Self::NfcFeature => (
                format!("No manifest names the feature {NFC_FEATURE}, so the app is offered to phones without NFC as to any other."),
                format!("Add <uses-feature android:name=\"{NFC_FEATURE}\" />, with android:required=\"false\" if the app can do without."),
            ),
            Self::JnaRules => (
                "The code is minified and no rule keeps JNA's, so the app ends at its first call of the library (UnsatisfiedLinkError).".into(),
                "Depend on Kazasu's AAR, which brings its rules, or add `-keep class com.sun.jna.** { *; }` to a file that proguardFiles names here, or consumerProguardFiles in the module that uses JNA.".into(),
            ),
            Self::Alignment { align } => (
                format!("This library's segments are aligned to {align:#x}; a phone with pages of 16 KiB does not load it, and Google Play does not take it."),
                "Link it again with NDK r28 or later, or with `-Wl,-z,max-page-size=16384`; of JNA take 5.18.1 or later.".into(),
            ),
            Self::PcscdMissing => (
                "pcscd, the smart-card service, is not installed.".into(),
                "On Debian and Ubuntu: `apt install pcscd`, then `systemctl enable --now pcscd.socket`.".into(),
            ),
            Self::PcscdStopped => (
                "The smart-card service does not run.".into(),
                "On Linux: `systemctl enable --now pcscd.socket`, and look with `systemctl status pcscd`.".into(),
            ),
            Self::PcscDenied => (
                "The smart-card service turns this user away; on Linux the rules of polkit decide.".into(),
                "Work in a local session, or allow org.debian.pcsc-lite.access_pcsc and access_card to this user.".into(),
            ),
            Self::PcscFailed { why } => (
                format!("The smart-card service fails: {}.", why.trim_end_matches('.')),
                "Start it again: `systemctl restart pcscd`.".into(),
            ),
            Self::NoReader => (
                "No card reader is plugged in.".into(),
                "Plug one in. Without a reader, try `--card demo`.".into(),
            ),
            Self::ReaderDriver { .. } => (
                "The reader is plugged in, and PC/SC has no driver for it.".into(),
                "Install or update libccid. A PaSoRi before RC-S300 has no PC/SC driver on Linux: take an RC-S300 or another reader of https://ccid.apdu.fr/ccid/supported.html.".into(),
            ),
            Self::ReaderKernelDriver { module, .. } => (
                format!("The reader is plugged in, and the kernel's driver {module} has it, so PC/SC does not get it."),
                format!("`echo blacklist {module} > /etc/modprobe.d/{module}.conf` and `modprobe -r {module}` as root, then plug the reader in again."),
            ),
            Self::ReaderUnlisted { .. } => (
                "The reader is plugged in and there is a driver for it, and PC/SC does not list it.".into(),
                "Plug it in again and `systemctl restart pcscd`; then `journalctl -u pcscd` says why. See https://ccid.apdu.fr/#support.".into(),
            ),
            Self::CardHeld => (
                "Another program has the card and does not let go.".into(),
                "End it. Often it is GnuPG (`gpgconf --kill scdaemon`), the desktop's gsd-smartcard, or a browser.".into(),
            ),
        }
    }

    fn ja(&self) -> (String, String) {
        match self {
            Self::ProjectFile { why } => (
                format!("このファイルを読み取れません: {}", why.words(Lang::Ja)),
                "修正してください。このままではビルドでも読み取れません。".into(),
            ),
            Self::AidList { wanted } => (
                format!("{SELECT_IDENTIFIERS} がないため、iOSがカードを検出しません。"),
                format!("このキーに、次の文字列の配列を追加してください: {}", aids(wanted, "、")),
            ),
            Self::Aid { application } => (
                format!("{SELECT_IDENTIFIERS} に{}がないため、iOSが選択を拒否します。", application.title_ja),
                format!("この配列に文字列 {} を追加してください。", hexadecimal(application.aid)),
            ),
            Self::UsageText => (
                format!("{USAGE_TEXT} がないため、読み取りを始めるとiOSがアプリを終了させます。"),
                "カードを読み取る目的を説明する文を追加してください。".into(),
            ),
            Self::EntitlementsFile => (
                format!("プロジェクトにエンタイトルメントがありません。{ENTITLEMENT} がないと、iOSは読み取りをすべて拒否します。"),
                "Xcodeの「Signing & Capabilities」で「Near Field Communication Tag Reading」を追加してください。".into(),
            ),
            Self::Entitlement => (
                format!("{ENTITLEMENT} がないため、iOSが読み取りをすべて拒否します。"),
                "Xcodeの「Signing & Capabilities」で「Near Field Communication Tag Reading」を追加してください。このキーがTAG付きで書き込まれます。".into(),
            ),
            Self::EntitlementTag => (
                format!("{ENTITLEMENT} に TAG がありません。カードはタグとして読み取るため、TAG が必要です。"),
                "この配列に文字列 TAG を追加してください。ほかの値はそのままで構いません。".into(),
            ),
            Self::EntitlementsUnused => (
                "ビルド設定がこのファイルを指定していないため、アプリの署名にこのエンタイトルメントが入りません。".into(),
                "アプリのターゲットの CODE_SIGN_ENTITLEMENTS にこのファイルを指定してください。".into(),
            ),
            Self::NfcPermission => (
                format!("どのマニフェストにも {NFC_PERMISSION} がないため、NFCを使おうとすると SecurityException が起きます。"),
                format!("マニフェストに <uses-permission android:name=\"{NFC_PERMISSION}\" /> を追加してください。"),
            ),
            Self::NfcFeature => (
                format!("どのマニフェストにも機能 {NFC_FEATURE} の宣言がないため、NFCのないスマートフォンにもアプリが配信されます。"),
                format!("<uses-feature android:name=\"{NFC_FEATURE}\" /> を追加してください。NFCなしでも使えるアプリなら android:required=\"false\" を付けます。"),
            ),
            Self::JnaRules => (
                "コードを縮小(minify)していますが、JNAのクラスを残すルールがないため、ライブラリを最初に呼び出したときにアプリが終了します(UnsatisfiedLinkError)。".into(),
                "ルールを含むKazasuのAARを依存関係に追加するか、ここの proguardFiles(JNAを使うモジュールでは consumerProguardFiles)が指すファイルに `-keep class com.sun.jna.** { *; }` を追加してください。".into(),
            ),
            Self::Alignment { align } => (
                format!("このライブラリのセグメントの境界は {align:#x} です。ページサイズ16 KiBのスマートフォンでは読み込めず、Google Playも受け付けません。"),
                "NDK r28以降、または `-Wl,-z,max-page-size=16384` でリンクし直してください。JNAは5.18.1以降を使ってください。".into(),
            ),
            Self::PcscdMissing => (
                "スマートカードサービス(pcscd)がインストールされていません。".into(),
                "Debian・Ubuntuでは `apt install pcscd` のあと `systemctl enable --now pcscd.socket` を実行してください。".into(),
            ),
            Self::PcscdStopped => (
                "スマートカードサービスが動いていません。".into(),
                "Linuxでは `systemctl enable --now pcscd.socket` を実行し、`systemctl status pcscd` で確かめてください。".into(),
            ),
            Self::PcscDenied => (
                "スマートカードサービスが、このユーザーの利用を拒否しています(Linuxではpolkitの設定によります)。".into(),
                "ローカルのセッションで実行するか、polkitで org.debian.pcsc-lite.access_pcsc と access_card をこのユーザーに許可してください。".into(),
            ),
            Self::PcscFailed { why } => (
                format!("スマートカードサービスでエラーが起きました: {}", system::words(why, Lang::Ja)),
                "`systemctl restart pcscd` で再起動してください。".into(),
            ),
            Self::NoReader => (
                "カードリーダーが接続されていません。".into(),
                "カードリーダーを接続してください。リーダーなしで試すには `--card demo` を付けてください。".into(),
            ),
            Self::ReaderDriver { .. } => (
                "カードリーダーは接続されていますが、PC/SCのドライバーがありません。".into(),
                "libccidをインストールまたは更新してください。RC-S300より前のPaSoRiにはLinux用のPC/SCドライバーがないため、RC-S300か、https://ccid.apdu.fr/ccid/supported.html にあるリーダーを使ってください。".into(),
            ),
            Self::ReaderKernelDriver { module, .. } => (
                format!("カードリーダーは接続されていますが、カーネルのドライバー {module} が使っているため、PC/SCから使えません。"),
                format!("rootで `echo blacklist {module} > /etc/modprobe.d/{module}.conf` と `modprobe -r {module}` を実行し、リーダーを接続し直してください。"),
            ),
            Self::ReaderUnlisted { .. } => (
                "カードリーダーは接続されていてドライバーもありますが、PC/SCの一覧に出ていません。".into(),
                "接続し直して `systemctl restart pcscd` を実行してください。原因は `journalctl -u pcscd` で確かめられます。https://ccid.apdu.fr/#support も見てください。".into(),
            ),
            Self::CardHeld => (
                "ほかのプログラムがカードを使っていて、手放しません。".into(),
                "そのプログラムを終了してください。GnuPG(`gpgconf --kill scdaemon`)、デスクトップの gsd-smartcard、ブラウザーのことがよくあります。".into(),
            ),
        }
    }
}

fn aids(wanted: &[&Application], between: &str) -> String {
    let each: Vec<_> = wanted.iter().map(|application| hexadecimal(application.aid)).collect();
    each.join(between)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kazasu_core::plan::applications;

    #[test]
    fn a_missing_identifier_is_told_as_it_must_be_written() {
        let jpki = applications().iter().find(|application| application.name == "jpki").expect("an application");
        for lang in [Lang::En, Lang::Ja] {
            let one = Finding::Aid { application: jpki }.explain(lang);
            assert!(one.next.contains("D392F000260100000001") && one.what.contains("公的個人認証AP"), "{one:?}");
            let all = Finding::AidList { wanted: applications() }.explain(lang).next;
            assert!(all.contains("D3921000310001010408") && all.contains("D3921000310001010402"), "{all}");
        }
    }
}
