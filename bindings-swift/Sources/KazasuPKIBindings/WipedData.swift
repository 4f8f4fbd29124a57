import Foundation
import KazasuBindings

// Written by hand, unlike its neighbour.

/// What the library hands over: documents, tokens, proofs, and who somebody is. `scripts/bindings` puts this in the place of the
/// generator's own, which goes through an array that nobody can reach to wipe it.
func readWiped(_ reader: inout (data: Data, offset: Data.Index), count: Int) throws -> Data {
    struct TooShort: Error {}
    let range = reader.offset..<(reader.offset + count)
    guard count >= 0, reader.data.count >= range.upperBound else { throw TooShort() }
    reader.offset = range.upperBound
    return reader.data.withUnsafeBytes { Data(wipedWhenFreed: UnsafeRawBufferPointer(rebasing: $0[range])) }
}

/// What was handed to the library in parts.
func wipe(_ writer: inout [UInt8]) {
    writer.withUnsafeMutableBytes { zero($0) }
}
