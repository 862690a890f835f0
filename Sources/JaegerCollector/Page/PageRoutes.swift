import HTTPTypes
import SpoorHTTP
import SpoorMiddleware

/// The page: one document under the paths of Jaeger's page, its style sheet and its scripts, from memory.
struct PageRoutes: Sendable {
    private static let scripts: [(name: String, bytes: [UInt8])] = [
        ("page.js", PackageResources.page_js), ("address.mjs", PackageResources.address_mjs),
        ("dom.mjs", PackageResources.dom_mjs), ("search.mjs", PackageResources.search_mjs),
        ("terms.mjs", PackageResources.terms_mjs), ("texts.mjs", PackageResources.texts_mjs),
        ("trace.mjs", PackageResources.trace_mjs), ("tree.mjs", PackageResources.tree_mjs),
    ]

    func add(to routes: inout Router) {
        for template in ["/", "/search", "/search/", "/trace", "/trace/", "/trace/{id}"] {
            routes.get(template) { _ in
                Self.asset(PackageResources.index_html, "text/html; charset=utf-8")
            }
        }
        routes.get("/assets/page.css") { _ in
            Self.asset(PackageResources.page_css, "text/css; charset=utf-8")
        }
        for (name, bytes) in Self.scripts {
            routes.get("/assets/\(name)") { _ in
                Self.asset(bytes, "text/javascript; charset=utf-8")
            }
        }
    }

    /// Only the page's own files are executed, regardless of the texts of spans; no other site may frame it.
    private static let securityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        + "img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

    private static func asset(_ bytes: [UInt8], _ contentType: String) -> Response {
        Response(
            headers: [
                .contentSecurityPolicy: securityPolicy,
                .xContentTypeOptions: "nosniff",
                // The next version of the collector may have another page.
                .cacheControl: "no-cache",
            ],
            bytes: bytes, contentType: contentType)
    }
}
