import HTTPTypes
import SpoorHTTP
import SpoorMiddleware

/// The page: one document under the paths of Jaeger's own page, its style and its script, from memory.
struct PageRoutes: Sendable {
    func add(to routes: inout Router) {
        for template in ["/", "/search", "/trace/{id}"] {
            routes.get(template) { _ in
                Self.asset(PackageResources.index_html, "text/html; charset=utf-8")
            }
        }
        routes.get("/assets/page.css") { _ in
            Self.asset(PackageResources.page_css, "text/css; charset=utf-8")
        }
        routes.get("/assets/page.js") { _ in
            Self.asset(PackageResources.page_js, "text/javascript; charset=utf-8")
        }
    }

    /// Nothing but the page's own files runs, whatever a span's texts hold; no other site may frame it.
    private static let securityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        + "img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

    private static func asset(_ bytes: [UInt8], _ contentType: String) -> Response {
        Response(
            fields: [
                .contentSecurityPolicy: securityPolicy,
                .xContentTypeOptions: "nosniff",
                // The next version of the collector may bring another page.
                .cacheControl: "no-cache",
            ],
            bytes: bytes, contentType: contentType)
    }
}
