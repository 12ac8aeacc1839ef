import ArgumentParser
import EnvoyTranslator
import KubernetesModel
import MeshModel
import TrafficSimulator

/// `apus simulate`
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate", abstract: "Says where a call goes, and why, for the objects of files.",
        discussion: """
            apus simulate -f CONFIG --from POD.NAMESPACE --call http://reviews:9080/ follows one call as Envoy decides: \
            out of one Pod and into the other, with the object behind each step.

            apus simulate -f CONFIG --proxy PROXY.json --calls CALLS.json decides many calls through one proxy, by the \
            rules of Istio's simulation tests.

            Nothing is sent over a network.
            """)

    @Option(
        name: [.customShort("f"), .customLong("filename")],
        help: "File or folder with Kubernetes' and Istio's objects; - for standard input.")
    var files: [String] = []

    @Option(help: ArgumentHelp("Who calls: a Pod in the files, or a workload.", valueName: "pod.namespace"))
    var from: ProxyName?

    @Option(help: ArgumentHelp("What is called; http, https, http2, grpc, tcp or tls.", valueName: "url"))
    var call: String?

    @Option(help: ArgumentHelp("A header of the call; may be given again.", valueName: "name=value"))
    var header: [String] = []

    @Option(help: "The method of the call.")
    var method: String?

    @Option(help: ArgumentHelp("The claims of the token that comes with the call.", valueName: "json"))
    var claims: String?

    @Option(help: ArgumentHelp("File with the proxy that --calls are sent through.", valueName: "file"))
    var proxy: String?

    @Option(help: ArgumentHelp("File with a list of calls.", valueName: "file"))
    var calls: String?

    @Option(name: .shortAndLong, help: "How the way of a --call is told.")
    var output: JourneyFormat = .text

    func validate() throws {
        if files.isEmpty { throw ValidationError("name a file or folder with -f") }
        switch (from != nil, call != nil, proxy != nil, calls != nil) {
        case (true, true, false, false), (false, false, true, true): break
        default: throw ValidationError("give either --from and --call, or --proxy and --calls")
        }
        if call == nil, !header.isEmpty || method != nil || claims != nil {
            throw ValidationError("--header, --method and --claims go with --call")
        }
    }

    func run() throws {
        try tellingFaults {
            if let proxy, let calls {
                try put(results(of: Call.list(reading: calls), through: Proxy(reading: proxy)).prettyJSONText + "\n")
            } else if let from, let call {
                let request = try RequestedCall(
                    url: call, headers: header, method: method, claims: claims)
                let mesh = WorkloadsOfFiles(InputDocuments(reading: files)).mesh
                tell(mesh.findings.inOrder)
                try put(output.text(Journey(of: request, from: from, in: mesh)))
            }
        }
    }

    /// The results of calls, as the conformance tests read them.
    private func results(of calls: [Call], through proxy: Proxy) throws -> JSONValue {
        var settings = MeshSettings.ofThisProcess
        settings.completesHostsByNamespaceAlone = true
        let mesh = MeshFiles(InputDocuments(reading: files).withUniquePortNames, settings: settings)
        tell(mesh.findings.inOrder)
        var translation = TranslationSettings()
        translation.keepsAmbiguousChains = true
        let resources = try mesh.resources(for: proxy, settings: translation)
        let configuration = ProxyConfiguration(resources.values.joined().map(\.message))
        return .array(
            calls.map { simulation(of: $0, through: configuration, policy: .conformance).conformanceJSON })
    }
}

extension Simulation {
    /// All that was reached, under the names of the contract.
    var conformanceJSON: JSONValue {
        [
            "listener": .string(listener), "filterChain": .string(filterChain),
            "routeConfig": .string(routeConfiguration), "virtualHost": .string(virtualHost), "route": .string(route),
            "cluster": .string(cluster), "error": error.map { .string($0.rawValue) } ?? .null,
        ]
    }
}
