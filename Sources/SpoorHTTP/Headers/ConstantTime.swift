public import SpoorText

/// Compares secrets, such as tokens and passwords, in a time that does not depend on where they differ.
///
/// With `==` the time depends on the number of equal bytes at the beginning, which clients can measure to guess a secret
/// byte by byte.
public enum ConstantTime {
    /// Returns whether two texts have the same UTF-8 bytes.
    ///
    /// The time grows with the length of the first, not with that of the secret.
    ///
    /// - Parameters:
    ///   - candidate: The text that was received.
    ///   - secret: The expected text.
    public static func areEqual(_ candidate: String, _ secret: String) -> Bool {
        areEqual(Array(candidate.utf8), Array(secret.utf8))
    }

    /// Returns whether two sequences of bytes are equal.
    ///
    /// The time grows with the length of the first, not with that of the secret.
    ///
    /// - Parameters:
    ///   - candidate: The bytes that were received.
    ///   - secret: The expected bytes.
    @inline(never)
    public static func areEqual(_ candidate: [UInt8], _ secret: [UInt8]) -> Bool {
        // Not inlined, so that the compiler cannot use what it knows of the arguments to return early.

        // Compared with itself if there is nothing else; the lengths then differ, unless both are empty.
        let expected = secret.isEmpty ? candidate : secret
        var difference = candidate.count ^ secret.count
        var position = 0
        for byte in candidate {
            difference |= Int(byte ^ expected[position])
            position = position + 1 == expected.count ? 0 : position + 1
        }
        return difference == 0
    }
}

extension AuthorizationHeader.Basic {
    /// Returns whether user and password are the expected ones, both compared in constant time.
    ///
    /// For several users, compare with each of them, or with an arbitrary password if the user is unknown; otherwise the
    /// time shows which users exist.
    public func matches(user: String, password: String) -> Bool {
        let isUser = ConstantTime.areEqual(self.user, user)
        let isPassword = ConstantTime.areEqual(self.password, password)
        return isUser && isPassword
    }
}
