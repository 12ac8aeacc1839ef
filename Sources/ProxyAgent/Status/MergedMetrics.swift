package import Logging
package import MeshMetrics
package import Observability

/// The metrics of a Pod as one page: Envoy's, the application's, the agent's.
///
/// A part that cannot be had is left out and counted; the others are still there.
package struct MergedMetrics: Sendable {
    /// Envoy's statistics.
    package var envoy: EnvoyAdministration?
    /// What they are told as: the mesh's metrics have the names of both sides.
    package var names: MetricsPage
    /// Connections, which the agent counts; nil: Envoy does.
    package var connections: ConnectionLog?
    /// Of the application; none: it shows nothing, or wants to be asked itself.
    package var application: [ScrapeTarget]
    /// Where the application is.
    package var target: ProbeTarget
    package var agent: MetricsRegistry
    package var counts: StatusMetrics
    package var logger: Logger

    package init(
        envoy: EnvoyAdministration?, own: PeerNames = PeerNames(), connections: ConnectionLog? = nil,
        application: [ScrapeTarget], target: ProbeTarget, agent: MetricsRegistry,
        counts: StatusMetrics = StatusMetrics(), logger: Logger = Logger(label: "metrics")
    ) {
        self.envoy = envoy
        names = MetricsPage(own: own)
        self.connections = connections
        self.application = application
        self.target = target
        self.agent = agent
        self.counts = counts
        self.logger = logger
    }

    /// The page, for somebody who asks.
    func page(for request: HTTPRequestView) async -> HTTPReply {
        counts.countScrape()
        async let statistics = envoyPart()
        async let foreign = applicationParts(request)
        var page = ExpositionPage()
        if let statistics = await statistics {
            take(statistics, .envoy, into: &page, naming: .asTheyAre)
        }
        for part in await foreign {
            let isOpen = part.header("content-type")?.contains("openmetrics") == true
            take(part.body, .application, into: &page, naming: .asTheyAre, isOpenMetrics: isOpen)
        }
        // Last, so that it counts what became of the others.
        take(Array(agent.prometheusText().utf8), .agent, into: &page, naming: .under(prefix: "istio_agent_"))
        return HTTPReply(status: 200, contentType: expositionContentType, body: page.bytes)
    }

    /// Envoy's part alone, as the proxy's own port 15090 shows it.
    ///
    /// - Parameter query: As for Envoy, such as `filter=…` or `usedonly`.
    func envoyPage(query: String) async -> HTTPReply {
        guard let statistics = await envoyPart(query: query) else {
            return .text("the proxy does not answer\n", status: 503)
        }
        return HTTPReply(status: 200, contentType: expositionContentType, body: statistics)
    }

    private func take(
        _ part: [UInt8], _ name: StatusMetrics.Part, into page: inout ExpositionPage, naming: ExpositionPage.Naming,
        isOpenMetrics: Bool = false
    ) {
        let malformed = page.add(part, naming: naming, isOpenMetrics: isOpenMetrics)
        guard malformed > 0 else { return }
        counts.countFailure(of: name)
        logger.warning(
            "Lines of metrics that nobody can read are left out",
            metadata: ["of": "\(name.rawValue)", "lines": "\(malformed)"])
    }

    private func envoyPart(query: String = "") async -> [UInt8]? {
        guard let envoy else { return nil }
        let path = query.isEmpty ? "/stats/prometheus" : "/stats/prometheus?\(query)"
        do throws(LocalHTTPError) {
            let page = try await envoy.get(path, within: .seconds(10))
            // Who asks for some of Envoy's statistics is told of those.
            return names.rewritten(page, adding: query.contains("filter=") ? [] : connections?.totals ?? [])
        } catch {
            return missing(.envoy, "\(error)")
        }
    }

    private func applicationParts(_ request: HTTPRequestView) async -> [LocalHTTPResponse] {
        await withTaskGroup(of: (Int, LocalHTTPResponse?).self) { group in
            for (index, target) in application.enumerated() {
                group.addTask { (index, await applicationPart(target, request)) }
            }
            var parts = [LocalHTTPResponse?](repeating: nil, count: application.count)
            for await (index, part) in group { parts[index] = part }
            return parts.compactMap { $0 }
        }
    }

    /// The application is asked at the loopback first, where most listen, and then at the Pod's address.
    private func applicationPart(
        _ application: ScrapeTarget, _ request: HTTPRequestView
    ) async -> LocalHTTPResponse? {
        var call = LocalHTTPRequest(
            host: target.address.contains(":") ? "::1" : "127.0.0.1", port: application.port, target: application.path)
        call.isEncrypted = application.isEncrypted
        call.maximumBytes = 64 << 20
        call.timeout = .seconds(10)
        call.headers = [(name: "accept", value: "text/plain;version=0.0.4;q=1,*/*;q=0.1")]
        if let time = request.header("x-prometheus-scrape-timeout-seconds") {
            call.headers.append((name: "x-prometheus-scrape-timeout-seconds", value: time))
            if let seconds = Double(time), seconds > 0, seconds < 3600 { call.timeout = .seconds(seconds) }
        }
        var problem = ""
        for (host, source) in [(call.host, nil), (target.address, target.source)] {
            call.host = host
            call.source = source
            do throws(LocalHTTPError) {
                let response = try await call.send()
                guard response.status == 200 else {
                    return missing(.application, "\(call.target) was answered \(response.status)")
                }
                return response
            } catch {
                problem = "\(error)"
            }
        }
        return missing(.application, problem)
    }

    private func missing<Part>(_ part: StatusMetrics.Part, _ problem: String) -> Part? {
        counts.countFailure(of: part)
        logger.warning(
            "Metrics are left out of the page", metadata: ["of": "\(part.rawValue)", "error": "\(problem)"])
        return nil
    }
}
