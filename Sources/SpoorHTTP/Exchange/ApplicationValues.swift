public import SpoorText

/// Values that all requests of a service share, such as a database, by type-safe keys instead of global variables.
///
/// ```swift
/// enum StoreKey: ApplicationKey { typealias Value = OrderStore }
///
/// routes.application[StoreKey.self] = OrderStore()                                   // before the server starts
/// routes.get("/orders") { exchange in try await exchange.application[StoreKey.self].count() }
/// ```
///
/// They are fixed once the server has started; a value that changes is an actor or has a lock.
public struct ApplicationValues: Sendable {
    /// One value; a class, so that a value that is added by two routers is recognised as the same.
    fileprivate final class Entry: Sendable {
        let key: ObjectIdentifier
        let keyName: String
        let value: any Sendable

        init<Key: ApplicationKey>(_ key: Key.Type, _ value: Key.Value) {
            self.key = ObjectIdentifier(key)
            keyName = "\(key)"
            self.value = value
        }
    }

    /// The values; immutable, so that an exchange refers to them by one reference.
    @usableFromInline package final class Storage: Sendable {
        fileprivate let entries: [Entry]

        fileprivate init(_ entries: [Entry]) {
            self.entries = entries
        }

        fileprivate func value<Key: ApplicationKey>(of key: Key.Type) -> Key.Value? {
            let id = ObjectIdentifier(key)
            return entries.first { $0.key == id }?.value as? Key.Value
        }
    }

    /// The values; nil if there are none.
    package private(set) var storage: Storage?

    /// Creates a collection without values.
    public init() {}

    /// The value of a key; nil until set.
    public subscript<Key: ApplicationKey>(key: Key.Type) -> Key.Value? {
        get { storage?.value(of: key) }
        set {
            let id = ObjectIdentifier(key)
            var entries = (storage?.entries ?? []).filter { $0.key != id }
            if let newValue { entries.append(Entry(key, newValue)) }
            storage = entries.isEmpty ? nil : Storage(entries)
        }
    }

    /// Adds the values of another collection.
    ///
    /// - Returns: The name of a key for which both have values that were set separately; then nothing is added.
    package mutating func add(_ other: ApplicationValues) -> String? {
        guard let added = other.storage?.entries else { return nil }
        var entries = storage?.entries ?? []
        for entry in added {
            guard let existing = entries.first(where: { $0.key == entry.key }) else {
                entries.append(entry)
                continue
            }
            if existing !== entry { return entry.keyName }
        }
        storage = Storage(entries)
        return nil
    }
}

/// A key of a value that all requests of a service share: see ``ApplicationValues``.
public protocol ApplicationKey {
    /// The type of the value.
    associatedtype Value: Sendable
}

/// The values that all requests of the service share, as one exchange reads them.
///
/// Like the exchange, it must not be kept; the values may.
public struct ExchangeApplication {
    fileprivate let storage: ApplicationValues.Storage?

    /// The value of a key.
    ///
    /// - Throws: ``MissingApplicationValueError``, which leads to a 500 and a log entry with the name of the key.
    public subscript<Key: ApplicationKey>(key: Key.Type) -> Key.Value {
        get throws {
            guard let value = storage?.value(of: key) else {
                throw MissingApplicationValueError(key: "\(key)", value: "\(Key.Value.self)")
            }
            return value
        }
    }

    /// The value of a key that not every service has; nil if it was not set.
    public subscript<Key: ApplicationKey>(ifPresent key: Key.Type) -> Key.Value? {
        storage?.value(of: key)
    }
}

/// The error for an application value that was not set: a programming error, answered with 500.
public struct MissingApplicationValueError: Error, Hashable, CustomStringConvertible {
    /// The name of the key's type.
    public let key: String
    /// The name of the value's type.
    public let value: String

    /// A message with the key, and how to correct the program.
    public var description: String {
        "the application has no value for the key \(key): set routes.application[\(key).self] to a value of type \(value) before the server starts, or read it with application[ifPresent:]"
    }
}

extension Exchange {
    /// The values that all requests of the service share, as set in the router's `application`.
    public var application: ExchangeApplication {
        ExchangeApplication(storage: state.value.application)
    }

    /// Sets the values of the application, or none.
    ///
    /// An exchange is used for many requests of one chain, so this rarely stores anything.
    @inlinable
    package func setApplication(_ storage: ApplicationValues.Storage?) {
        if state.value.application !== storage { state.value.application = storage }
    }

    /// Sets the values of the application, unless a chain has set some.
    package func setApplicationIfAbsent(_ storage: ApplicationValues.Storage?) {
        if state.value.application == nil { state.value.application = storage }
    }
}
