package import DiscoveryServer
package import FoundationEssentials
import KubernetesModel
import NIOCore
import NIOSSL
package import Observability
import Synchronization

/// The control plane's debugging: there from the start, with something to see once the control plane has ``open``ed it.
package final class ControlPlaneDebugging: Sendable {
    private struct Content: Sendable {
        var state: any DiscoveryState
        var access: DebugAccess
        var certificate: any TLSContextSource
    }

    private let site: DebugSite
    private let now: @Sendable () -> Date
    private let content = Mutex<Content?>(nil)

    /// - Parameters:
    ///   - site: What the control plane knows of itself.
    ///   - now: The wall clock.
    package init(site: DebugSite, now: @escaping @Sendable () -> Date) {
        self.site = site
        self.now = now
    }

    /// There is something to see from now on.
    ///
    /// - Parameters:
    ///   - state: What there is.
    ///   - access: Who may see it.
    ///   - certificate: What the port of metrics presents to those who come with TLS.
    package func open(_ state: any DiscoveryState, access: DebugAccess, certificate: any TLSContextSource) {
        content.withLock { $0 = Content(state: state, access: access, certificate: certificate) }
    }

    /// For the program's servers.
    package var surface: DebugSurface {
        var routes = HTTPRoutes(["/debug": HTTPRoute { _ in .text(DebugPage.index) }])
        for page in DebugPage.all {
            routes["/debug/\(page.name)"] = HTTPRoute { await self.answer(page, $0).reply }
        }
        return DebugSurface(routes: routes, security: security) { await self.refusal(of: $0) }
    }

    /// What HTTP answers below `/debug`, for requests that come otherwise.
    ///
    /// - Parameter target: A page's name and query.
    func answer(target: String) async -> DebugAnswer {
        let request = HTTPRequestView(method: "GET", target: target)
        guard let page = DebugPage.named(request.path) else {
            return .notFound("no page \"\(request.path)\": there are \(DebugPage.names.joined(separator: ", "))")
        }
        return await answer(page, request)
    }

    private func answer(_ page: DebugPage, _ request: HTTPRequestView) async -> DebugAnswer {
        guard let request = self.request({ request.queryValue($0) }) else {
            return .notFound("nothing to see yet: it still starts")
        }
        return await page.answer(request)
    }

    /// What pages are made of; nil as long as there is nothing to see.
    func request(_ parameter: @escaping @Sendable (String) -> String?) -> DebugRequest? {
        content.withLock { $0 }.map { DebugRequest(state: $0.state, site: site, now: now(), parameter: parameter) }
    }

    private func refusal(of request: HTTPRequestView) async -> HTTPReply? {
        guard let content = content.withLock({ $0 }) else {
            return request.isFromLoopback ? nil : .text("it still starts\n", status: 503)
        }
        return await content.access.refusal(of: request)
    }

    private var security: HTTPConnectionSecurity {
        HTTPConnectionSecurity { channel in
            let detector = TLSDetector { self.content.withLock { $0?.certificate.context } }
            try channel.pipeline.syncOperations.addHandler(detector)
        } isEncrypted: { channel in
            (try? channel.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self)) != nil
        }
    }
}
