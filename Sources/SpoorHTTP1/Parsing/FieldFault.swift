/// What can be wrong with a section of fields, whosever it is (RFC 9112 §5).
package enum FieldFault: String, Error, CaseIterable {
    /// A line that starts with a colon.
    case nameMissing
    /// A byte in a name that is no token byte.
    case nameInvalid
    /// Blanks between name and colon, or in the name: a way to hide a field from others (RFC 9112 §5.1).
    case blankBeforeColon
    /// A line without a colon.
    case colonMissing
    /// A line that starts with a blank: obsolete folding, or a blank before the first field (RFC 9112 §5.2, §2.2).
    case lineFolded
    /// A control byte in a value (RFC 9110 §5.5).
    case valueInvalid
    /// A CR without its LF (RFC 9112 §2.2).
    case bareCR
    /// An LF without its CR; accepting it is allowed and was the door of many smugglers (RFC 9112 §2.2, §11.2).
    case bareLF
    /// More fields than ``HTTP1Limits/fieldCountMax``.
    case tooMany
    /// More bytes than ``HTTP1Limits/headBytesMax`` or ``HTTP1Limits/trailerBytesMax``.
    case tooLarge
}
