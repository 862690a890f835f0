internal import Synchronization

/// The route of an exchange: the template, the names of its parameters, and a number for other threads.
///
/// A class, so that recording the route of a request stores one reference. Created when a route is added, never for a
/// request.
package final class RouteTemplate: Sendable {
    /// The template as it was registered, such as `/users/{id}`.
    package let text: String
    /// The names of the parameters, in order.
    package let names: [String]
    package let number: RouteNumber

    package init(_ text: String, names: [String]) {
        self.text = text
        self.names = names
        number = RouteNumber(of: text)
    }
}

/// A number that identifies a route's template in this process, for threads that must not access an exchange.
///
/// Numbers are assigned when routes are added, never for a request, and are never released: routes are part of a
/// program.
package struct RouteNumber: Hashable, Sendable {
    package let value: UInt32

    /// The number of no route, or of one after the maximum was reached.
    package static let none = RouteNumber(value: 0)

    /// The maximum number of templates, more than any program registers; further ones share ``none``.
    private static let maxCount = 65_536

    private struct Table: Sendable {
        var templates: [String] = []
        var numbers: [String: UInt32] = [:]
    }

    private static let table = Mutex(Table())

    package init(value: UInt32) {
        self.value = value
    }

    /// Returns the number of a template: its existing one, or a new one.
    package init(of template: String) {
        value = Self.table.withLock { table in
            if let known = table.numbers[template] { return known }
            guard table.templates.count < Self.maxCount else { return 0 }
            table.templates.append(template)
            let number = UInt32(table.templates.count)
            table.numbers[template] = number
            return number
        }
    }

    /// The template; nil for ``none``.
    package var template: String? {
        guard value > 0 else { return nil }
        return Self.table.withLock { table in
            let index = Int(value) - 1
            return index < table.templates.count ? table.templates[index] : nil
        }
    }
}
