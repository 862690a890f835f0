import HTTPTypes
public import SpoorHTTP

/// Routes by the method's name: `routes.get("/hello") { exchange in … }` is `routes.on(.get, "/hello") { exchange in
/// … }`.
///
/// There is one for every HTTP method that is routed by path; `CONNECT` has no path, and custom methods are passed to
/// ``on(_:_:file:line:_:)-(_,_,_,_,Handler)``.
extension Router {
    /// Adds `GET` routes.
    public var get: MethodRoutes {
        get { self[routesOf: .one(.get)] }
        _modify { yield &self[routesOf: .one(.get)] }
    }

    /// Adds `HEAD` routes.
    public var head: MethodRoutes {
        get { self[routesOf: .one(.head)] }
        _modify { yield &self[routesOf: .one(.head)] }
    }

    /// Adds `POST` routes.
    public var post: MethodRoutes {
        get { self[routesOf: .one(.post)] }
        _modify { yield &self[routesOf: .one(.post)] }
    }

    /// Adds `PUT` routes.
    public var put: MethodRoutes {
        get { self[routesOf: .one(.put)] }
        _modify { yield &self[routesOf: .one(.put)] }
    }

    /// Adds `PATCH` routes.
    public var patch: MethodRoutes {
        get { self[routesOf: .one(.patch)] }
        _modify { yield &self[routesOf: .one(.patch)] }
    }

    /// Adds `DELETE` routes.
    public var delete: MethodRoutes {
        get { self[routesOf: .one(.delete)] }
        _modify { yield &self[routesOf: .one(.delete)] }
    }

    /// Adds `OPTIONS` routes.
    public var options: MethodRoutes {
        get { self[routesOf: .one(.options)] }
        _modify { yield &self[routesOf: .one(.options)] }
    }

    /// Adds `TRACE` routes.
    public var trace: MethodRoutes {
        get { self[routesOf: .one(.trace)] }
        _modify { yield &self[routesOf: .one(.trace)] }
    }

    /// Adds routes for every method, also for methods that HTTP does not define.
    ///
    /// Of two routes that match the same paths, the one for the method of the request takes precedence; for a `HEAD`
    /// request, the `GET` route takes precedence over one for every method. A path with a route for every method has
    /// neither a 405 nor the automatic response to `OPTIONS`.
    public var any: MethodRoutes {
        get { self[routesOf: .any] }
        _modify { yield &self[routesOf: .any] }
    }

    private subscript(routesOf method: RouteMethod) -> MethodRoutes {
        get { MethodRoutes(router: self, method: method) }
        _modify {
            // Moved, so that adding a route does not copy the other routes.
            var routes = MethodRoutes(router: self, method: method)
            self = Router()
            defer { self = routes.router }
            yield &routes
        }
    }

    /// The routes of one method, or of every method; callable like a function to add a route.
    ///
    /// Without a pattern, a route is for the prefix of its group.
    public struct MethodRoutes {
        @usableFromInline var router: Router
        @usableFromInline let method: RouteMethod

        /// Adds a route to a handler of any type: `routes.get("/assets/{path...}", StaticFiles(…))`.
        ///
        /// An invalid pattern and a conflicting route stop the program: see
        /// ``Router/on(_:_:file:line:_:)-(_,_,_,_,Handler)``.
        public mutating func callAsFunction(
            _ pattern: String, _ handler: any Handler, file: StaticString = #fileID,
            line: UInt = #line
        ) {
            router.add(method, pattern, file: file, line: line, handler)
        }

        /// Adds a route to a synchronous closure that returns the response.
        ///
        /// An invalid pattern and a conflicting route stop the program: see
        /// ``Router/on(_:_:file:line:_:)-(_,_,_,_,Handler)``.
        @inlinable
        public mutating func callAsFunction(
            _ pattern: String = "", file: StaticString = #fileID, line: UInt = #line,
            _ respond: @escaping @Sendable (Exchange) throws -> some ResponseConvertible
        ) {
            router.add(method, pattern, file: file, line: line, SyncHandler(respond))
        }

        /// Adds a route to an asynchronous closure that returns the response.
        public mutating func callAsFunction(
            _ pattern: String = "", file: StaticString = #fileID, line: UInt = #line,
            _ respond:
                @escaping @Sendable @concurrent (Exchange) async throws ->
                some ResponseConvertible
        ) {
            router.add(method, pattern, file: file, line: line, AsyncHandler(respond))
        }

        /// Not available: the closure's value is not a response.
        @available(
            *, unavailable,
            message:
                "the closure returns no response: return a Response, a String, [UInt8], a status, an optional of these (nil is 404) or another ResponseConvertible (where a closure only throws, write { _ -> Response in throw … }); to write through exchange.response, use stream(method, pattern)"
        )
        public mutating func callAsFunction<Value>(
            _ pattern: String = "", file: StaticString = #fileID, line: UInt = #line,
            _ respond: @escaping @Sendable @concurrent (Exchange) async throws -> Value
        ) {}
    }
}
