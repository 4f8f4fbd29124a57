import Foundation

#if canImport(Glibc)
import Glibc
#endif

// Written by hand, unlike its neighbour.

extension Data {
    /// A copy in memory of its own, which is wiped when the last one who holds it lets go. A `Data` that is made
    /// otherwise keeps up to 14 bytes in itself, and every copy of that value would be one of the bytes.
    public init(wipedWhenFreed bytes: some ContiguousBytes) {
        self = bytes.withUnsafeBytes { bytes in
            let copy = UnsafeMutableRawPointer.allocate(byteCount: Swift.max(bytes.count, 1), alignment: 1)
            UnsafeMutableRawBufferPointer(start: copy, count: bytes.count).copyMemory(from: bytes)
            return Data(
                bytesNoCopy: copy, count: bytes.count,
                deallocator: .custom { start, count in
                    zero(UnsafeMutableRawBufferPointer(start: start, count: count))
                    start.deallocate()
                })
        }
    }
}

/// Overwrites it, also where a compiler sees nobody who would look.
public func zero(_ bytes: UnsafeMutableRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    #if canImport(Glibc)
    explicit_bzero(start, bytes.count)
    #else
    memset_s(start, bytes.count, 0, bytes.count)
    #endif
}

/// What a library hands over: commands with secrets, what a card said, documents, who somebody is. `scripts/bindings`
/// puts this in the place of the generator's own, which goes through an array that nobody can reach to wipe it.
public func readWiped(_ reader: inout (data: Data, offset: Data.Index), count: Int) throws -> Data {
    struct TooShort: Error {}
    let range = reader.offset..<(reader.offset + count)
    guard count >= 0, reader.data.count >= range.upperBound else { throw TooShort() }
    reader.offset = range.upperBound
    return reader.data.withUnsafeBytes { Data(wipedWhenFreed: UnsafeRawBufferPointer(rebasing: $0[range])) }
}

/// What was handed to the library in parts.
public func wipe(_ writer: inout [UInt8]) {
    writer.withUnsafeMutableBytes { zero($0) }
}
