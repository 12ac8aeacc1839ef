package import AgentRuntime
package import AgentTelemetry
package import Logging
package import MeshMetrics
package import Observability

/// The metrics of a Pod as one page: Envoy's, the application's, the agent's.
///
/// A part that cannot be had is left out and counted; the others are still there. The page is one in OpenMetrics, exemplars
/// included, where the scraper would rather have that and the application gives it; else one in the text format.
package struct MergedMetrics: Sendable {
    /// Envoy's statistics.
    package var envoy: EnvoyAdministration?
    /// What they are told as: the mesh's metrics have the names of both sides.
    package var names: MetricsPage
    /// What the agent counts itself: connections, and requests by clients without a name; nil: Envoy counts all.
    package var connections: ConnectionLog?
    /// Of the application; none: it shows nothing, or wants to be asked itself.
    package var application: [ScrapeTarget]
    /// Where the application is.
    package var target: ProbeTarget
    /// The agent's own.
    package var agent: MetricsRegistry
    /// Counts what is asked for and what is missing.
    package var counts: StatusMetrics
    /// Is told what is left out.
    package var logger: Logger

    /// - Parameter own: The workload's names, as metrics call it.
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
        let wanted = ExpositionFormat(accepting: request.header("accept") ?? "")
        let limit = Self.limit(of: request)
        async let statistics = envoyPart(within: limit)
        async let foreign = applicationParts(as: wanted, within: limit)
        let parts = await foreign
        var page = ExpositionPage(parts.contains(where: \.isOpenMetrics) ? wanted : .text)
        if let statistics = await statistics {
            take(statistics, .envoy, into: &page, naming: .asTheyAre)
        }
        for part in parts {
            take(part.page, .application, into: &page, naming: .asTheyAre, isOpenMetrics: part.isOpenMetrics)
        }
        // Last, so that it counts what became of the others.
        take(Array(agent.prometheusText().utf8), .agent, into: &page, naming: .under(prefix: "istio_agent_"))
        page.finish()
        return HTTPReply(status: 200, contentType: page.format.contentType, body: page.bytes)
    }

    /// Envoy's part alone, as the proxy's own port 15090 shows it.
    ///
    /// - Parameter query: As for Envoy, such as `filter=…` or `usedonly`.
    func envoyPage(query: String) async -> HTTPReply {
        guard let statistics = await envoyPart(query: query, within: .seconds(10)) else {
            return .text("the proxy does not answer\n", status: 503)
        }
        return HTTPReply(status: 200, contentType: ExpositionFormat.text.contentType, body: statistics)
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

    /// How long the parts are waited for: a scraper that gives up has nothing at all.
    private static func limit(of request: HTTPRequestView) -> Duration {
        let asked = request.header(timeHeader).flatMap(Double.init) ?? 10
        return .seconds((0.05...3600 ~= asked ? asked : 10) * 0.9)
    }

    private static let timeHeader = "x-prometheus-scrape-timeout-seconds"

    private func envoyPart(query: String = "", within limit: Duration) async -> [UInt8]? {
        guard let envoy else { return nil }
        let path = query.isEmpty ? "/stats/prometheus" : "/stats/prometheus?\(query)"
        do throws(LocalHTTPError) {
            let page = try await envoy.get(path, within: limit)
            // Who asks for some of Envoy's statistics is told of those.
            return names.rewritten(page, adding: query.contains("filter=") ? .init() : connections?.traffic ?? .init())
        } catch {
            return missing(.envoy, "\(error)")
        }
    }

    private func applicationParts(
        as wanted: ExpositionFormat, within limit: Duration
    ) async -> [ApplicationPage] {
        await withTaskGroup(of: (Int, ApplicationPage?).self) { group in
            for (index, target) in application.enumerated() {
                group.addTask { (index, await applicationPart(target, as: wanted, within: limit)) }
            }
            var parts = [ApplicationPage?](repeating: nil, count: application.count)
            for await (index, part) in group { parts[index] = part }
            return parts.compactMap { $0 }
        }
    }

    /// The application is asked at the loopback first, where most listen, and then at the Pod's address.
    private func applicationPart(
        _ application: ScrapeTarget, as wanted: ExpositionFormat, within limit: Duration
    ) async -> ApplicationPage? {
        var call = LocalHTTPRequest(
            host: target.address.contains(":") ? "::1" : "127.0.0.1", port: application.port, target: application.path)
        call.isEncrypted = application.isEncrypted
        call.maximumBytes = ApplicationPage.maximumBytes
        call.headers = [
            (name: "accept", value: wanted.accepted), (name: Self.timeHeader, value: "\(limit / .seconds(1))"),
        ]
        let deadline = ContinuousClock.now + limit
        var problem = ""
        for (host, source) in [(call.host, nil), (target.address, target.source)] {
            call.host = host
            call.source = source
            call.timeout = deadline - .now
            guard call.timeout > .zero else { break }
            let response: LocalHTTPResponse
            do throws(LocalHTTPError) {
                response = try await call.send()
            } catch {
                problem = "\(error)"
                continue
            }
            do throws(LocalHTTPError) {
                return try ApplicationPage(response)
            } catch {
                return missing(.application, "\(call.target) \(error)")
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
