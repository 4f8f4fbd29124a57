//! The readers of this computer: what is plugged in, what PC/SC makes of it, and who has the card. On Linux PC/SC says
//! only which readers it has; why it lacks one must be looked up in what the kernel knows and in what its drivers say
//! they can do.

use super::Report;
use kazasu_catalogue::Finding;
use kazasu_pcsc::readers::{self, Card, Sharing};
use kazasu_pcsc::{OpenOptions, PcscError};
use plist::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where Linux keeps what is looked up.
pub(crate) struct Places {
    /// The kernel's list of USB devices.
    usb: PathBuf,
    /// PC/SC's drivers, a bundle each.
    drivers: PathBuf,
    /// Folders of programs that an administrator starts.
    programs: Vec<PathBuf>,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            usb: "/sys/bus/usb/devices".into(),
            drivers: "/usr/lib/pcsc/drivers".into(),
            programs: ["/usr/sbin", "/sbin", "/usr/bin", "/usr/local/sbin"].map(PathBuf::from).into(),
        }
    }
}

/// A reader that PC/SC lists.
#[derive(Debug)]
pub(crate) struct Listed {
    name: String,
    /// By a program that does not let go.
    held: bool,
}

/// How long another program may keep the card before it counts as held: longer than anybody's commands.
const PATIENCE: Duration = Duration::from_secs(3);

/// Asks PC/SC. A card is taken and let go again; nothing is sent to it.
pub(crate) fn ask() -> Result<Vec<Listed>, PcscError> {
    let held = |reader: &readers::Reader| match (reader.sharing, reader.card) {
        (Sharing::Exclusive, _) => true,
        (_, Card::Present) => {
            matches!(OpenOptions::new().patience(PATIENCE).open(reader), Err(PcscError::Busy))
        }
        _ => false,
    };
    Ok(readers::list()?.iter().map(|reader| Listed { held: held(reader), name: reader.name.clone() }).collect())
}

/// Looks at the computer, which keeps its things in these places and whose PC/SC gave this answer.
pub(crate) fn look(places: &Places, answer: Result<Vec<Listed>, PcscError>, report: &mut Report) {
    let drivers = drivers(&places.drivers);
    let plugged = plugged(&places.usb, &drivers);
    report.looked_at.extend(plugged.iter().map(Plugged::place));
    match answer {
        Ok(listed) => {
            report.looked_at.extend(listed.iter().map(|reader| reader.name.clone()));
            if plugged.is_empty() && listed.is_empty() {
                report.found(Finding::NoReader, "USB");
            }
            let alone = listed.is_empty();
            for reader in plugged.iter().filter(|reader| !reader.is_among(&listed, &drivers)) {
                report.found(reader.missing(&drivers, alone), reader.place());
            }
            for reader in listed.into_iter().filter(|reader| reader.held) {
                report.found(Finding::CardHeld, reader.name);
            }
        }
        Err(error) => {
            let installed = places.programs.iter().any(|folder| folder.join("pcscd").exists());
            let finding = match error {
                PcscError::NoService if cfg!(target_os = "linux") && !installed => Finding::PcscdMissing,
                PcscError::NoService => Finding::PcscdStopped,
                PcscError::Denied => Finding::PcscDenied,
                other => Finding::PcscFailed { why: other.to_string() },
            };
            report.found(finding, "PC/SC");
            // No service will ever list these.
            for reader in plugged.iter().filter(|reader| !reader.has_driver(&drivers)) {
                report.found(Finding::ReaderDriver { alone: true }, reader.place());
            }
        }
    }
}

/// What a driver says that it can do.
struct Driver {
    vendor: u16,
    product: u16,
    /// How PC/SC's name of the reader begins.
    name: String,
}

/// Each bundle lists its devices in its Info.plist, in three arrays of one length.
fn drivers(folder: &Path) -> Vec<Driver> {
    let bundles = fs::read_dir(folder).into_iter().flatten().flatten();
    let lists = bundles.filter_map(|bundle| Value::from_file(bundle.path().join("Contents/Info.plist")).ok());
    let mut drivers = Vec::new();
    for list in lists {
        let array = |key| {
            let array = list.as_dictionary().and_then(|list| list.get(key)?.as_array());
            array.map(Vec::as_slice).unwrap_or_default().iter().map(|value| value.as_string().unwrap_or_default())
        };
        let id = |text: &str| u16::from_str_radix(text.trim_start_matches("0x"), 16).ok();
        for ((vendor, product), name) in array("ifdVendorID").zip(array("ifdProductID")).zip(array("ifdFriendlyName")) {
            if let (Some(vendor), Some(product)) = (id(vendor), id(product)) {
                drivers.push(Driver { vendor, product, name: name.to_owned() });
            }
        }
    }
    drivers
}

/// Readers that do not say on USB that they are readers. The PaSoRi: libpafe's and nfcpy's tables; the last three are
/// in libccid's too.
const KNOWN: [(u16, u16, &str); 7] = [
    (0x054C, 0x01BB, "Sony PaSoRi RC-S320"),
    (0x054C, 0x02E1, "Sony PaSoRi RC-S330"),
    (0x054C, 0x06C1, "Sony PaSoRi RC-S380/S"),
    (0x054C, 0x06C3, "Sony PaSoRi RC-S380/P"),
    (0x054C, 0x0D8F, "Sony FeliCa RC-S660/U"),
    (0x054C, 0x0DC8, "Sony PaSoRi RC-S300/S"),
    (0x054C, 0x0DC9, "Sony PaSoRi RC-S300/P"),
];

/// A reader on USB.
struct Plugged {
    vendor: u16,
    product: u16,
    name: String,
    /// A driver of the kernel that has taken it for itself.
    module: Option<String>,
}

fn plugged(usb: &Path, drivers: &[Driver]) -> Vec<Plugged> {
    let mut devices: Vec<_> = fs::read_dir(usb).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    devices.sort();
    let says = |device: &Path, file| fs::read_to_string(device.join(file)).ok().map(|text| text.trim().to_owned());
    let id = |device: &Path, file| u16::from_str_radix(&says(device, file)?, 16).ok();
    let mut readers = Vec::new();
    for device in &devices {
        let (Some(vendor), Some(product)) = (id(device, "idVendor"), id(device, "idProduct")) else { continue };
        // An interface of `1-2` is `1-2:1.0`.
        let prefix = format!("{}:", device.file_name().unwrap_or_default().to_string_lossy());
        let is_its =
            |other: &&PathBuf| other.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&prefix));
        let interfaces: Vec<_> = devices.iter().filter(is_its).collect();
        let smart_card = interfaces.iter().any(|interface| says(interface, "bInterfaceClass").as_deref() == Some("0b"));
        let known = KNOWN.iter().find(|known| (known.0, known.1) == (vendor, product));
        let driven = drivers.iter().any(|driver| (driver.vendor, driver.product) == (vendor, product));
        if !smart_card && known.is_none() && !driven {
            continue;
        }
        let module = interfaces.iter().find_map(|interface| {
            let module = fs::read_link(interface.join("driver")).ok()?.file_name()?.to_string_lossy().into_owned();
            // These take readers of cards for the kernel's own NFC; usbfs is a program such as pcscd.
            ["port100", "pn533_usb"].contains(&&*module).then_some(module)
        });
        let name = known.map(|known| known.2.to_owned()).or_else(|| says(device, "product")).unwrap_or_default();
        readers.push(Plugged { vendor, product, name, module });
    }
    readers
}

impl Plugged {
    fn place(&self) -> String {
        format!("{} (USB {:04x}:{:04x})", self.name, self.vendor, self.product)
    }

    fn names<'d>(&self, drivers: &'d [Driver]) -> impl Iterator<Item = &'d str> {
        let (vendor, product) = (self.vendor, self.product);
        let of_this = move |driver: &&Driver| (driver.vendor, driver.product) == (vendor, product);
        drivers.iter().filter(of_this).map(|driver| &*driver.name)
    }

    fn has_driver(&self, drivers: &[Driver]) -> bool {
        self.names(drivers).next().is_some()
    }

    /// By the driver's name for it, or by its own, which drivers for a whole class of devices take.
    fn is_among(&self, listed: &[Listed], drivers: &[Driver]) -> bool {
        listed.iter().any(|reader| {
            self.names(drivers).any(|name| reader.name.starts_with(name))
                || (!self.name.is_empty() && reader.name.contains(&*self.name))
        })
    }

    fn missing(&self, drivers: &[Driver], alone: bool) -> Finding {
        match &self.module {
            _ if !self.has_driver(drivers) => Finding::ReaderDriver { alone },
            Some(module) => Finding::ReaderKernelDriver { module: module.clone(), alone },
            None => Finding::ReaderUnlisted { alone },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A computer of files: USB devices as the kernel shows them, one driver, and perhaps pcscd.
    struct Computer {
        folder: tempfile::TempDir,
    }

    impl Computer {
        fn new() -> Self {
            let folder = tempfile::tempdir().expect("a folder");
            let computer = Self { folder };
            computer.write("sbin/pcscd", "");
            computer.write("drivers/ifd-ccid.bundle/Contents/Info.plist", DRIVER);
            // A hub and a camera of the same maker, which are no readers.
            computer.plug("usb1", "1d6b", "0002", "xHCI Host Controller", "09");
            computer.plug("1-4", "054c", "0d9f", "ILCE-7M4", "06");
            computer
        }

        fn write(&self, path: &str, text: &str) {
            let path = self.folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, text).expect("written");
        }

        fn plug(&self, at: &str, vendor: &str, product: &str, name: &str, class: &str) {
            self.write(&format!("usb/{at}/idVendor"), &format!("{vendor}\n"));
            self.write(&format!("usb/{at}/idProduct"), &format!("{product}\n"));
            self.write(&format!("usb/{at}/product"), &format!("{name}\n"));
            self.write(&format!("usb/{at}:1.0/bInterfaceClass"), &format!("{class}\n"));
        }

        /// Code, place, and whether it will fail.
        fn says(&self, answer: Result<&[(&str, bool)], PcscError>) -> Vec<(&'static str, String, bool)> {
            let root = self.folder.path();
            let places =
                Places { usb: root.join("usb"), drivers: root.join("drivers"), programs: vec![root.join("sbin")] };
            let listed = |(name, held): &(&str, bool)| Listed { name: (*name).to_owned(), held: *held };
            let mut report = Report::default();
            look(&places, answer.map(|readers| readers.iter().map(listed).collect()), &mut report);
            let told = |found: super::super::Found| (found.finding.code(), found.place, found.finding.fails());
            report.findings.into_iter().map(told).collect()
        }
    }

    /// Cut from libccid's own.
    const DRIVER: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><plist version=\"1.0\"><dict>
        <key>ifdVendorID</key><array><string>0x054C</string><string>0x072F</string></array>
        <key>ifdProductID</key><array><string>0x0DC9</string><string>0x2200</string></array>
        <key>ifdFriendlyName</key><array><string>SONY FeliCa RC-S300/P</string>
        <string>ACS ACR122U PICC Interface</string></array></dict></plist>";

    const RC_S300: (&str, bool) = ("SONY FeliCa RC-S300/P (0123456) 00 00", false);

    #[test]
    fn a_reader_that_pcsc_lists_is_no_finding() {
        let computer = Computer::new();
        computer.plug("1-2", "054c", "0dc9", "FeliCa Port/PaSoRi 4.0", "0b");
        assert_eq!(computer.says(Ok(&[RC_S300])), []);
        assert_eq!(computer.says(Ok(&[RC_S300, ("Virtual PCD 00 00", false)])), []);
    }

    #[test]
    fn r17_a_reader_that_is_plugged_in_and_that_pcsc_does_not_see_is_explained() {
        let computer = Computer::new();
        computer.plug("1-2", "054c", "06c3", "RC-S380/P", "ff");
        let driver = |alone| ("reader-driver", "Sony PaSoRi RC-S380/P (USB 054c:06c3)".to_owned(), alone);
        assert_eq!(computer.says(Ok(&[])), [driver(true)]);
        // Another reader works: this one is advice.
        computer.plug("1-3", "054c", "0dc9", "FeliCa Port/PaSoRi 4.0", "0b");
        assert_eq!(computer.says(Ok(&[RC_S300])), [driver(false)]);
        // And that one is not listed either, although it has a driver.
        let unlisted = ("reader-unlisted", "Sony PaSoRi RC-S300/P (USB 054c:0dc9)".to_owned(), true);
        assert_eq!(computer.says(Ok(&[])), [driver(true), unlisted]);
        // A service that does not run hides that it has no driver.
        assert_eq!(
            computer.says(Err(PcscError::NoService)),
            [("pcscd-stopped", "PC/SC".to_owned(), true), driver(true)]
        );
    }

    #[test]
    fn a_reader_of_the_smart_card_class_is_one_whoever_made_it() {
        let computer = Computer::new();
        computer.plug("2-1", "1234", "5678", "New Reader", "0b");
        assert_eq!(computer.says(Ok(&[])), [("reader-driver", "New Reader (USB 1234:5678)".to_owned(), true)]);
        assert_eq!(computer.says(Ok(&[("Maker New Reader 00 00", false)])), []);
    }

    #[test]
    #[cfg(unix)]
    fn a_reader_that_the_kernel_took_is_told_with_the_driver_that_has_it() {
        let computer = Computer::new();
        computer.plug("1-2", "072f", "2200", "ACR122U PICC Interface", "0b");
        let link = computer.folder.path().join("usb/1-2:1.0/driver");
        std::os::unix::fs::symlink("../../../bus/usb/drivers/pn533_usb", &link).expect("linked");
        let mut found = computer.says(Ok(&[]));
        assert_eq!(found.pop().map(|(code, ..)| code), Some("reader-kernel-driver"));
        // A program that uses it, such as pcscd itself, is not in the way.
        fs::remove_file(&link).expect("removed");
        std::os::unix::fs::symlink("../../../bus/usb/drivers/usbfs", &link).expect("linked");
        assert_eq!(computer.says(Ok(&[])).pop().map(|(code, ..)| code), Some("reader-unlisted"));
    }

    #[test]
    fn no_reader_at_all_is_told() {
        assert_eq!(Computer::new().says(Ok(&[])), [("reader-missing", "USB".to_owned(), true)]);
    }

    #[test]
    fn a_service_that_is_missing_stopped_closed_or_broken_is_four_findings() {
        let computer = Computer::new();
        let code = |error| computer.says(Err(error)).pop().expect("a finding").0;
        assert_eq!(code(PcscError::NoService), "pcscd-stopped");
        assert_eq!(code(PcscError::Denied), "pcsc-denied");
        assert_eq!(code(PcscError::Timeout), "pcsc-failed");
        fs::remove_file(computer.folder.path().join("sbin/pcscd")).expect("removed");
        let missing = if cfg!(target_os = "linux") { "pcscd-missing" } else { "pcscd-stopped" };
        assert_eq!(code(PcscError::NoService), missing);
    }

    #[test]
    fn a_card_that_another_program_keeps_is_told_with_its_reader() {
        let held = [(RC_S300.0, true)];
        assert_eq!(Computer::new().says(Ok(&held)), [("card-held", RC_S300.0.to_owned(), true)]);
    }
}
