internal import KazasuBindings
import Foundation

/// A command APDU (ISO/IEC 7816-3, cases 1 to 4, short and extended) as Core NFC's initialiser takes it.
struct CommandParameters: Equatable {
    let cla, ins, p1, p2: UInt8
    /// Wiped when the last one who holds it lets go, Core NFC included.
    let data: Data
    /// -1 where no response data is expected; 256 for a short `00`, 65,536 for an extended `0000`.
    let expectedResponseLength: Int

    /// `nil` where the bytes are no command.
    init?(_ command: Data) {
        guard let parts = command.withUnsafeBytes({ Parts($0) }) else { return nil }
        (cla, ins, p1, p2) = parts.header
        data = parts.data
        expectedResponseLength = parts.expectedResponseLength
    }

    /// Read where the command lies: a copy of it would be one more to wipe.
    private struct Parts {
        let header: (UInt8, UInt8, UInt8, UInt8)
        var data = Data()
        var expectedResponseLength = -1

        init?(_ bytes: UnsafeRawBufferPointer) {
            guard bytes.count >= 4 else { return nil }
            header = (bytes[0], bytes[1], bytes[2], bytes[3])
            let body = bytes.dropFirst(4)

            func le(_ field: Slice<UnsafeRawBufferPointer>) -> Int {
                let value = field.reduce(0) { $0 << 8 | Int($1) }
                return value == 0 ? 1 << (8 * field.count) : value
            }

            let extended = body.count >= 3 && body[4] == 0
            switch (body.count, extended) {
            case (0, _): break
            case (1, _): expectedResponseLength = le(body)
            case (3, true): expectedResponseLength = le(body.dropFirst())
            default:
                let lengthBytes = extended ? 2 : 1
                let field = extended ? body.dropFirst() : body
                guard field.count >= lengthBytes else { return nil }
                let lc = field.prefix(lengthBytes).reduce(0) { $0 << 8 | Int($1) }
                let rest = field.dropFirst(lengthBytes)
                guard lc > 0 else { return nil }
                switch rest.count - lc {
                case 0: break
                case lengthBytes: expectedResponseLength = le(rest.dropFirst(lc))
                default: return nil
                }
                data = Data(wipedWhenFreed: UnsafeRawBufferPointer(rebasing: rest.prefix(lc)))
            }
        }
    }
}

/// The way back: what Core NFC hands over in parts, as the card sent it.
func response(_ data: Data, _ sw1: UInt8, _ sw2: UInt8) -> Data {
    data + [sw1, sw2]
}
