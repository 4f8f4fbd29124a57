// What plays the system's part, for tests. Nothing of this exists in Core NFC.
import Foundation

public enum NFCStub {
    /// The one that plays it; set before a session is made.
    nonisolated(unsafe) public static var system: (any System)?

    /// What a session asks of the system. Called on whatever queue the adapter is on.
    public protocol System: AnyObject, Sendable {
        var readingAvailable: Bool { get }
        func begins(_ session: Session)
        func invalidates(_ session: Session, message: String?)
        func restartsPolling(_ session: Session)
        func connects(_ session: Session, _ completionHandler: @escaping @Sendable ((any Error)?) -> Void)
        func shows(_ line: String)
    }

    /// A session as the system sees it. Everything is delivered on the session's queue, as Core NFC does.
    public struct Session: @unchecked Sendable {
        private let session: NFCTagReaderSession
        init(_ session: NFCTagReaderSession) { self.session = session }

        public var id: ObjectIdentifier { ObjectIdentifier(session) }

        public func becomesActive() {
            tell { session, delegate in
                session.isReady = true
                delegate.tagReaderSessionDidBecomeActive(session)
            }
        }

        public func detects(_ tags: @escaping @Sendable () -> [NFCTag]) {
            tell { session, delegate in delegate.tagReaderSession(session, didDetect: tags()) }
        }

        public func isInvalidated(_ error: any Error) {
            tell { session, delegate in
                session.isReady = false
                delegate.tagReaderSession(session, didInvalidateWithError: error)
            }
        }

        public func onQueue(_ body: @escaping @Sendable () -> Void) { session.sessionQueue.async(execute: body) }

        private func tell(_ body: @escaping @Sendable (NFCTagReaderSession, any NFCTagReaderSessionDelegate) -> Void) {
            session.sessionQueue.async {
                if let delegate = session.delegate { body(session, delegate) }
            }
        }
    }
}
