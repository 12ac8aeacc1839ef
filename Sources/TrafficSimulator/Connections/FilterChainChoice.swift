import EnvoyAPI
import SwiftProtobuf

typealias FilterChain = Envoy_Config_Listener_V3_FilterChain

/// Which filter chain of a listener takes a connection.
///
/// A sieve, one criterion after the other: where some chain sets the criterion and matches, only the best ones stay;
/// otherwise only those that do not set it. There is no going back.
struct FilterChainChoice {
    /// Those that are left, with their places in the listener.
    private(set) var chains: [FilterChain]
    /// The criteria that decided anything, in words.
    private(set) var reasons: [String] = []
    private(set) var passedOver: [String] = []

    init(for call: Call, seen: Inspection, in listener: Envoy_Config_Listener_V3_Listener, policy: SimulationPolicy) {
        chains = listener.filterChains
        let address = IPAddress(call.address)
        sieve("destination port \(call.port)") {
            $0.hasDestinationPort ? .set(Int($0.destinationPort.value) == call.port ? 0 : nil) : .unset
        }
        sieve("destination \(call.address)") { match in
            let ranges = match.prefixRanges.filter { !policy.takesFullRangesAsNone || !$0.holdsAll }
            guard !ranges.isEmpty else { return .unset }
            let length = address.flatMap(ranges.bestLength)
            return .set(length == 0 ? nil : length)
        }
        sieve(seen.serverName.isEmpty ? "no server name" : "server name \(seen.serverName)") {
            $0.serverNames.isEmpty ? .unset : .set($0.serverNames.compactMap { $0.rank(for: seen.serverName) }.max())
        }
        sieve("transport protocol \(seen.transport)") {
            $0.transportProtocol.isEmpty ? .unset : .set($0.transportProtocol == seen.transport ? 0 : nil)
        }
        let spoken = seen.applicationProtocols.joined(separator: ", ")
        sieve(spoken.isEmpty ? "no application protocol" : "application protocol \(spoken)") { match in
            guard !match.applicationProtocols.isEmpty else { return .unset }
            // The client's order decides.
            return .set(seen.applicationProtocols.firstIndex(where: match.applicationProtocols.contains).map { -$0 })
        }
        if policy.looksAtSources { sieveBySource(call) }
    }

    private mutating func sieveBySource(_ call: Call) {
        let source = IPAddress(call.sourceAddress)
        let words = source == nil ? "no known source" : "source \(call.sourceAddress)"
        sieve(words) {
            $0.directSourcePrefixRanges.isEmpty ? .unset : .set(source.flatMap($0.directSourcePrefixRanges.bestLength))
        }
        let isLocal = source.map { $0.isLoopback || $0 == IPAddress(call.address) } ?? false
        sieve(isLocal ? "a local source" : "a source elsewhere") {
            switch $0.sourceType {
            case .sameIpOrLoopback: .set(isLocal ? 0 : nil)
            case .external: .set(isLocal ? nil : 0)
            case .any, .UNRECOGNIZED: .unset
            }
        }
        sieve(words) {
            $0.sourcePrefixRanges.isEmpty ? .unset : .set(source.flatMap($0.sourcePrefixRanges.bestLength))
        }
        // Which port a client has is chance.
        sieve("any source port") { $0.sourcePorts.isEmpty ? .unset : .set(nil) }
    }

    /// What a chain says to a criterion: nothing, or how well it matches, if it does.
    private enum Answer {
        case unset
        case set(Int?)
    }

    private mutating func sieve(
        _ words: String, _ answer: (Envoy_Config_Listener_V3_FilterChainMatch) -> Answer
    ) {
        let answers = chains.map { answer($0.filterChainMatch) }
        guard answers.contains(where: { if case .set = $0 { true } else { false } }) else { return }
        let best = answers.compactMap { if case .set(let rank?) = $0 { rank } else { nil } }.max()
        var kept: [FilterChain] = []
        var lost: [String] = []
        for (chain, answer) in zip(chains, answers) {
            switch answer {
            case .set(let rank?) where rank == best: kept.append(chain)
            case .unset where best == nil: kept.append(chain)
            default:
                let name = chain.name.isEmpty ? "a chain without a name" : chain.name
                if !lost.contains(name) { lost.append(name) }
            }
        }
        if !lost.isEmpty { passedOver.append("\(lost.joined(separator: ", ")): \(words)") }
        reasons.append(best == nil ? "no chain is for \(words)" : words)
        chains = kept
    }
}

extension Envoy_Config_Core_V3_CidrRange {
    fileprivate var holdsAll: Bool { AddressRange(self)?.length == 0 }
}

extension String {
    /// How well this name, perhaps with a leading wildcard, fits a server name; nil if it does not.
    fileprivate func rank(for serverName: String) -> Int? {
        let name = asciiLowercased
        if name == serverName { return serverName.isEmpty ? nil : .max }
        if name == "*" { return 0 }
        guard name.hasPrefix("*."), serverName.hasSuffix(name.dropFirst()) else { return nil }
        return name.utf8.count
    }
}
