import ArgumentParser

/// An amount of memory on the command line: a number of bytes, or a number with a unit such as `512MiB`.
///
/// Units are KiB, MiB and GiB (powers of 1024) and kB, MB and GB (powers of 1000), case-insensitive.
struct StoreSize: Sendable, CustomStringConvertible {
    /// The number of bytes, at least 1.
    let bytes: Int

    private static let units: [(suffix: String, factor: Int)] = [
        ("kib", 1 << 10), ("mib", 1 << 20), ("gib", 1 << 30),
        ("kb", 1000), ("mb", 1_000_000), ("gb", 1_000_000_000), ("b", 1), ("", 1),
    ]

    init(bytes: Int) {
        self.bytes = bytes
    }

    /// Parses an argument.
    ///
    /// - Throws: `ValidationError` if it is not an amount of at least one byte.
    init(_ text: String) throws {
        let lowercased = text.lowercased()
        for (suffix, factor) in Self.units where lowercased.hasSuffix(suffix) {
            let digits = lowercased.dropLast(suffix.count)
            guard let number = Int(digits.last == " " ? digits.dropLast() : digits) else {
                continue
            }
            let (product, overflow) = number.multipliedReportingOverflow(by: factor)
            guard number >= 1, !overflow else { break }
            bytes = product
            return
        }
        throw ValidationError(
            "“\(text)” is not an amount of memory: use bytes (at least 1), or a number with KiB, MiB or GiB."
        )
    }

    /// Parses a count.
    ///
    /// - Throws: `ValidationError` if it is not a number of at least 1.
    static func count(_ text: String) throws -> Int {
        guard let number = Int(text), number >= 1 else {
            throw ValidationError("“\(text)” must be a number of at least 1.")
        }
        return number
    }

    var description: String {
        for (suffix, shift) in [("GiB", 30), ("MiB", 20), ("KiB", 10)]
        where bytes >= 1 << shift && bytes & (1 << shift - 1) == 0 {
            return "\(bytes >> shift)\(suffix)"
        }
        return "\(bytes)"
    }
}
