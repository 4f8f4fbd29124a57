import Foundation

/// SHA-256 (FIPS 180-4), for the sums in plan files: on Linux Foundation has none, and the package depends on nothing.
func sha256(_ data: Data) -> String {
    func root(_ n: Int, _ power: Double) -> UInt32 {
        let value = pow(Double(n), power)
        return UInt32((value - value.rounded(.down)) * 4_294_967_296)
    }
    let primes = (2...311).filter { n in !(2..<n).contains { n % $0 == 0 } }
    let k = primes.map { root($0, 1.0 / 3) }
    var h = primes.prefix(8).map { root($0, 0.5) }

    var message = [UInt8](data) + [0x80]
    message += [UInt8](repeating: 0, count: (120 - message.count % 64) % 64)
    message += (0..<8).map { UInt8(truncatingIfNeeded: (data.count * 8) >> (56 - 8 * $0)) }

    func turn(_ x: UInt32, _ n: UInt32) -> UInt32 { x >> n | x << (32 - n) }
    for block in stride(from: 0, to: message.count, by: 64) {
        var w = (0..<16).map { at in
            (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(message[block + 4 * at + $1]) }
        }
        for i in 16..<64 {
            let s0 = turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ w[i - 15] >> 3
            let s1 = turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ w[i - 2] >> 10
            w.append(w[i - 16] &+ s0 &+ w[i - 7] &+ s1)
        }
        var v = h
        for i in 0..<64 {
            let s1 = turn(v[4], 6) ^ turn(v[4], 11) ^ turn(v[4], 25)
            let t1 = v[7] &+ s1 &+ ((v[4] & v[5]) ^ (~v[4] & v[6])) &+ k[i] &+ w[i]
            let s0 = turn(v[0], 2) ^ turn(v[0], 13) ^ turn(v[0], 22)
            let t2 = s0 &+ ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]))
            v = [t1 &+ t2, v[0], v[1], v[2], v[3] &+ t1, v[4], v[5], v[6]]
        }
        h = zip(h, v).map { $0 &+ $1 }
    }
    return h.map { String(format: "%08X", $0) }.joined()
}
