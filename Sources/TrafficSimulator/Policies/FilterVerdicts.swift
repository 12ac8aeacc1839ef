import EnvoyAPI
import SwiftProtobuf

/// What a call meets on its way through the filters of an HTTP connection manager.
struct HTTPFilterChain {
    var filters: [Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpFilter]
    /// Settings of single filters by their names, of which the narrowest counts: route, virtual host, routes.
    var overrides: [[String: Google_Protobuf_Any]]

    /// The verdicts of the filters in order, up to one that refuses.
    func verdicts(on call: Call) -> [PolicyVerdict] {
        var verdicts: [PolicyVerdict] = []
        for filter in filters where !filter.disabled {
            let verdict = verdict(of: filter, on: call)
            if verdict != .silent { verdicts.append(verdict) }
            if verdict.refusal != nil { break }
        }
        return verdicts
    }

    private func verdict(
        of filter: Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpFilter, on call: Call
    ) -> PolicyVerdict {
        let config = filter.typedConfig
        let own = overrides.lazy.compactMap { $0[filter.name] }.first
        if let rules: Envoy_Extensions_Filters_Http_Rbac_V3_RBAC = config.unpacked() {
            if let own: Envoy_Extensions_Filters_Http_Rbac_V3_RBACPerRoute = own?.unpacked() {
                return own.hasRbac ? own.rbac.verdict(named: filter.name, on: call) : .silent
            }
            return rules.verdict(named: filter.name, on: call)
        }
        if let tokens: Envoy_Extensions_Filters_Http_JwtAuthn_V3_JwtAuthentication = config.unpacked() {
            return tokens.verdict(named: filter.name, on: call)
        }
        if config.isA(Envoy_Extensions_Filters_Http_ExtAuthz_V3_ExtAuthz.self) {
            return PolicyVerdict(
                step: SimulationStep(.policy, filter.name, "an external authorizer is asked; what it says is not known")
            )
        }
        if let fault: Envoy_Extensions_Filters_Http_Fault_V3_HTTPFault = own?.unpacked() {
            return fault.verdict(named: filter.name, on: call)
        }
        return .silent
    }
}

extension Envoy_Extensions_Filters_Http_Rbac_V3_RBAC {
    fileprivate func verdict(named name: String, on call: Call) -> PolicyVerdict {
        guard hasRules else { return .silent }
        let verdict = rules.verdict(on: call)
        let refusal = Simulation.Outcome.answered(status: 403, detail: verdict.refusalWords)
        return PolicyVerdict(
            refusal: verdict.isAllowed == .no ? refusal : nil, step: rules.step(named: name, verdict))
    }
}

extension Envoy_Extensions_Filters_Network_Rbac_V3_RBAC {
    /// What the filter says of a connection, whatever is spoken in it.
    func verdict(named name: String, on call: Call) -> PolicyVerdict {
        guard hasRules else { return .silent }
        var connection = call
        connection.content = .tcp
        let verdict = rules.verdict(on: connection)
        return PolicyVerdict(
            refusal: verdict.isAllowed == .no ? .closed(verdict.refusalWords) : nil,
            step: rules.step(named: name, verdict))
    }
}

extension Envoy_Config_Rbac_V3_RBAC.Verdict {
    fileprivate var refusalWords: String {
        policy.map { "refused by \($0)" } ?? "refused: no rule allows it"
    }
}

extension Envoy_Config_Rbac_V3_RBAC {
    fileprivate func step(named name: String, _ verdict: Verdict) -> SimulationStep {
        let kind = action == .deny ? "DENY" : action == .log ? "AUDIT" : "ALLOW"
        let words =
            switch (verdict.isAllowed, verdict.policy) {
            case (.yes, let policy?) where action == .allow: "allowed by \(policy)"
            case (.yes, let policy?): "goes on, and is logged by \(policy)"
            case (.yes, nil): "no \(kind) rule matches: it goes on"
            case (.no, let policy?): "refused by \(policy)"
            case (.no, nil): "refused: none of the ALLOW rules matches: \(policyNames)"
            case (.unknown, let policy): "\(policy ?? "") may match: that depends on what is not known here"
            }
        let origin = verdict.policy.flatMap(StepOrigin.init(policy:))
        return SimulationStep(.policy, name, words, origin: origin ?? (verdict.isAllowed == .no ? onlyObject : nil))
    }

    private var policyNames: String {
        policies.isEmpty ? "there is none at all" : policies.keys.sorted().joined(separator: ", ")
    }

    /// The object of all rules, if it is one.
    private var onlyObject: StepOrigin? {
        let objects = Set(policies.keys.map { StepOrigin(policy: $0)?.object })
        guard objects.count == 1, let object = objects.first ?? nil else { return nil }
        return StepOrigin(object)
    }
}

extension Envoy_Extensions_Filters_Http_Fault_V3_HTTPFault {
    fileprivate func verdict(named name: String, on call: Call) -> PolicyVerdict {
        guard headers.allSatisfy({ $0.mismatch(call) == nil }) else { return .silent }
        var words: [String] = []
        if hasDelay, !delay.percentage.isNone {
            let time = Duration.seconds(delay.fixedDelay.seconds) + .nanoseconds(delay.fixedDelay.nanos)
            words.append("\(delay.percentage.words) of the calls wait \(time)")
        }
        var refusal: Simulation.Outcome?
        if hasAbort, !abort.percentage.isNone {
            let status = abort.httpStatus == 0 ? 200 : Int(abort.httpStatus)
            words.append("\(abort.percentage.words) of the calls are answered with \(status)")
            if abort.percentage.isAll { refusal = .answered(status: status, detail: "an injected fault") }
        }
        guard !words.isEmpty else { return .silent }
        return PolicyVerdict(
            refusal: refusal, step: SimulationStep(.policy, name, words.joined(separator: ", ")))
    }
}
