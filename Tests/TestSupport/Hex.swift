/// Bytes from hexadecimal digits; any other character traps.
package func bytes(hex: String) -> [UInt8] {
    var bytes: [UInt8] = []
    var upper: Int?
    for character in hex {
        guard let digit = character.hexDigitValue else { return [] }
        if let high = upper {
            bytes.append(UInt8(high << 4 | digit))
            upper = nil
        } else {
            upper = digit
        }
    }
    return bytes
}

/// The bytes in hexadecimal digits, in lower case.
package func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
}
