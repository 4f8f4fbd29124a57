internal import KazasuPKIBindings
import Foundation
import Kazasu

/// Calls the library; what it throws is told as every other error of Kazasu is.
func told<T>(_ body: () throws -> T) throws(CardError) -> T {
    do {
        return try body()
    } catch let error as PkiError {
        throw CardError(error)
    } catch {
        throw CardError(error)
    }
}

extension CardError {
    fileprivate init(_ error: PkiError) {
        // One line for each variant, and no default: a new one does not compile until it is here.
        let (code, detail): (Code, Detail) =
            switch error {
            case .Expired(let detail): (.certificateExpired, detail)
            case .SignatureWrong(let detail): (.signatureWrong, detail)
            case .Unreadable(let detail): (.unreadable, detail)
            case .Misuse(let detail): (.misuse, detail)
            case .BadArgument(let detail): (.badArgument, detail)
            case .NotSigned(let detail): (.notSigned, detail)
            case .NotPdf(let detail): (.notAPDF, detail)
            case .PdfDamaged(let detail): (.pdfDamaged, detail)
            case .PdfEncrypted(let detail): (.pdfEncrypted, detail)
            case .PdfHybrid(let detail): (.pdfHybrid, detail)
            case .PdfCertified(let detail): (.pdfCertified, detail)
            case .PdfXfa(let detail): (.pdfXFA, detail)
            case .PdfNoPage(let detail): (.pdfNoPage, detail)
            case .PdfTooLarge(let detail): (.pdfTooLarge, detail)
            case .PdfSignatureFails(let detail): (.pdfSignatureFails, detail)
            case .TimestampRefused(let detail): (.timestampRefused, detail)
            }
        self.init(code, english: Words(detail.english), japanese: Words(detail.japanese))
    }
}

extension CardError.Words {
    fileprivate init(_ said: Explanation) {
        self.init(what: said.what, next: said.next)
    }
}

extension Data {
    /// Of what is UTF-8.
    var text: String { String(decoding: self, as: UTF8.self) }
}
