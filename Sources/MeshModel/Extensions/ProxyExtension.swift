package import KubernetesModel

/// A filter that people bring along, as a WebAssembly module or a Lua script.
package struct ProxyExtension: Hashable, Sendable {
    /// Before which of the mesh's own filters it works.
    package enum Phase: String, Hashable, Sendable {
        case authentication = "AUTHN"
        case authorization = "AUTHZ"
        case statistics = "STATS"
        /// Right before the router.
        case unspecified = ""
    }

    package enum Filter: Hashable, Sendable {
        case wasm(WasmModule)
        /// The script.
        case lua(String)
    }

    /// Traffic that it sees.
    package struct Match: Hashable, Sendable {
        package var sides: Set<TrafficSide>
        /// Destination ports; empty for all.
        package var ports: Set<Int>

        package init(sides: Set<TrafficSide> = Set(TrafficSide.allCases), ports: Set<Int> = []) {
            self.sides = sides
            self.ports = ports
        }
    }

    package var origin: ConfigurationOrigin
    package var target: PolicyTarget
    package var phase: Phase
    /// Within a phase higher comes first.
    package var priority: Int
    /// What matches one of these; empty for all.
    package var matches: [Match]
    package var filter: Filter
    /// It sees connections, not requests.
    package var isForConnections: Bool

    package init(
        origin: ConfigurationOrigin, target: PolicyTarget = .workloads([:]), phase: Phase = .unspecified,
        priority: Int = 0, matches: [Match] = [], filter: Filter, isForConnections: Bool = false
    ) {
        self.origin = origin
        self.target = target
        self.phase = phase
        self.priority = priority
        self.matches = matches
        self.filter = filter
        self.isForConnections = isForConnections
    }

    /// Of its filter, and of the configuration that proxies ask for.
    package var name: String {
        "extensions.istio.io/\(origin.reference.groupKind.kind.lowercased())/\(origin.namespace).\(origin.name)"
    }

    /// - Parameter port: Nil for one that nobody declares: only what sees all ports sees it.
    package func sees(_ side: TrafficSide, port: Int?) -> Bool {
        matches.isEmpty
            || matches.contains { match in
                match.sides.contains(side) && (match.ports.isEmpty || port.map(match.ports.contains) ?? false)
            }
    }

    /// Whether it sees any traffic of a side.
    package func sees(_ side: TrafficSide) -> Bool {
        matches.isEmpty || matches.contains { $0.sides.contains(side) }
    }
}

/// A WebAssembly module and the settings it runs with.
package struct WasmModule: Hashable, Sendable {
    package enum FailureStrategy: String, Hashable, Sendable {
        case close = "FAIL_CLOSE"
        case open = "FAIL_OPEN"
        case reload = "FAIL_RELOAD"
    }

    package enum PullPolicy: String, Hashable, Sendable {
        case unspecified = "UNSPECIFIED_POLICY"
        case ifNotPresent = "IfNotPresent"
        case always = "Always"
    }

    /// With scheme: oci, https, http or file.
    package var url: String
    package var sha256 = ""
    /// When an agent fetches it again though it has it.
    package var pullPolicy = PullPolicy.unspecified
    /// Of the object, as it was last changed; only where ``PullPolicy/always`` asks for it.
    package var version = ""
    /// The Secret of the object's namespace that registries know agents by; empty for none.
    package var pullSecret = ""
    package var pluginName = ""
    package var configuration: JSONValue?
    package var failureStrategy = FailureStrategy.close
    package var variables: [String: String] = [:]
    /// Variables of the proxy's own environment.
    package var hostVariables: [String] = []

    package init(url: String) { self.url = url }
}

extension MeshSnapshot {
    /// The extensions of a workload that see a side of its traffic, in the order in which they work within a phase.
    package func extensions(
        _ side: TrafficSide, namespace: String, labels: [String: String]
    ) -> [ProxyExtension] {
        guard !configuration.proxyExtensions.isEmpty else { return [] }
        return configuration.proxyExtensions.values
            .filter { found in
                let place = found.origin.namespace
                return (place == namespace || place == settings.rootNamespace)
                    && found.target.includes(
                        labels, isOwn: place == namespace, isRoot: place == settings.rootNamespace)
                    && found.sees(side)
            }
            .sorted { left, right in
                if left.priority != right.priority { return left.priority > right.priority }
                return (left.origin.name, left.origin.namespace) < (right.origin.name, right.origin.namespace)
            }
    }
}

/// Extensions of both kinds.
package struct ProxyExtensions: Hashable, Sendable {
    package var wasmPlugins: [ObjectKey: ProxyExtension] = [:]
    package var trafficExtensions: [ObjectKey: ProxyExtension] = [:]

    package init() {}

    package var isEmpty: Bool { wasmPlugins.isEmpty && trafficExtensions.isEmpty }
    package var values: [ProxyExtension] { Array(wasmPlugins.values) + Array(trafficExtensions.values) }
}
