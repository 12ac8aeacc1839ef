import EnvoyAPI
import SwiftProtobuf

/// On which ports of a listener an inspector works.
enum InspectedPorts: Hashable {
    case all(except: Set<Int>)
    case only(Set<Int>)

    /// None at all: no inspector is needed.
    var isNone: Bool { self == .only([]) }

    /// As the message that says when it is off.
    fileprivate var disabled: Envoy_Config_Listener_V3_ListenerFilterChainMatchPredicate? {
        switch self {
        case .all(let ports): ports.isEmpty ? nil : .ports(ports)
        case .only(let ports): .with { $0.notMatch = .ports(ports) }
        }
    }
}

extension Envoy_Config_Listener_V3_ListenerFilterChainMatchPredicate {
    fileprivate static func ports(_ ports: Set<Int>) -> Self {
        let ranges: [Self] = ports.sorted().map { port in
            .with {
                $0.destinationPortRange.start = Int32(clamping: port)
                $0.destinationPortRange.end = Int32(clamping: port + 1)
            }
        }
        return ranges.count == 1 ? ranges[0] : .with { $0.orMatch.rules = ranges }
    }
}

extension Envoy_Config_Listener_V3_ListenerFilter {
    /// Tells HTTP without TLS by its first bytes.
    static func httpInspector(on ports: InspectedPorts = .all(except: [])) throws -> Self {
        try .named(
            "envoy.filters.listener.http_inspector", on: ports,
            Envoy_Extensions_Filters_Listener_HttpInspector_V3_HttpInspector())
    }

    /// Tells TLS, and what its client asks for, by its first bytes.
    static func tlsInspector(on ports: InspectedPorts) throws -> Self {
        try .named(
            "envoy.filters.listener.tls_inspector", on: ports,
            Envoy_Extensions_Filters_Listener_TlsInspector_V3_TlsInspector.with { $0.initialReadBufferSize = 512 })
    }

    /// Finds out which address was called before capture.
    static func originalDestination() throws -> Self {
        try .named(
            "envoy.filters.listener.original_dst", on: .all(except: []),
            Envoy_Extensions_Filters_Listener_OriginalDst_V3_OriginalDst())
    }

    /// Calls the workload from its client's own address, as transparent capture promises.
    ///
    /// The mark is the one that capture's rules look for, so that the workload's answers come back here.
    static func originalSource() throws -> Self {
        try .named(
            "envoy.filters.listener.original_src", on: .all(except: []),
            Xds_Type_V3_TypedStruct.with {
                $0.typeURL = "type.googleapis.com/envoy.extensions.filters.listener.original_src.v3.OriginalSrc"
                $0.value.fields["mark"] = .init(numberValue: 1337)
            })
    }

    private static func named(_ name: String, on ports: InspectedPorts, _ config: some Message) throws -> Self {
        try .with {
            $0.name = name
            $0.typedConfig = try .init(packing: config)
            if let disabled = ports.disabled { $0.filterDisabled = disabled }
        }
    }
}
