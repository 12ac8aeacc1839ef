import KubernetesModel
import MeshModel

extension FieldRule {
    static let virtualService: [FieldRule] = routed + treated + destinations + sources + changes

    private static let routed: [FieldRule] = [
        text("hosts[]", NameRules.hostOrAddressFault),
        FieldRule("hosts") { overlaps($0) },
        exportTo(),
    ]

    private static let treated: [FieldRule] = [
        FieldRule("http[].retries") { idleRetries($0) },
        FieldRule("http[].fault.delay.percent") { site in
            let percent = site.value.integer ?? 0
            return (0...100).contains(percent) ? [] : [site.fault("is \(percent), and must be between 0 and 100")]
        },
        FieldRule("http[].corsPolicy.maxAge") { site in
            let nanoseconds = site.value.string.flatMap(DurationText.nanoseconds) ?? 0
            let isWhole = nanoseconds.truncatingRemainder(dividingBy: 1e9) == 0
            return isWhole ? [] : [site.fault("is told to browsers in whole seconds")]
        },
    ]

    private static let destinations: [FieldRule] = [
        "http[].route[].destination", "http[].mirror", "http[].mirrors[].destination", "tls[].route[].destination",
        "tcp[].route[].destination",
    ].flatMap { destination(at: $0) }

    private static let sources: [FieldRule] = each(
        ["http[].match[].sourceLabels", "tls[].match[].sourceLabels", "tcp[].match[].sourceLabels"],
        NameRules.labelFaults)

    private static let changes: [FieldRule] = ["http[].headers", "http[].route[].headers"].flatMap { headers(at: $0) }

    /// What one name is in, another one need not be named for.
    private static func overlaps(_ site: Site) -> [Diagnostic] {
        let hosts = site.value.strings.map { $0.lowercased() }
        return hosts.indices.compactMap { index in
            let other = hosts[..<index].first { $0 != hosts[index] && HostPattern.overlap($0, hosts[index]) }
            return other.map { site.fault(at: index, "is \"\(hosts[index])\", which \"\($0)\" has hosts of, too") }
        }
    }

    private static func idleRetries(_ site: Site) -> [Diagnostic] {
        guard (site.value["attempts"]?.integer ?? 0) == 0 else { return [] }
        let others = ["perTryTimeout", "retryOn", "retryRemoteLocalities"].filter {
            !(site.value[$0] ?? .null).isNull && site.value[$0] != ""
        }
        return others.isEmpty
            ? []
            : [
                site.fault(
                    at: "attempts", "is 0, so that nothing is tried again; leave out \(others.joined(separator: ", "))")
            ]
    }

    private static func destination(at place: String) -> [FieldRule] {
        [
            text("\(place).host", NameRules.hostFault),
            FieldRule("\(place).subset") { site in
                guard let name = site.value.string, !name.isEmpty, let fault = NameRules.labelFault(name) else {
                    return []
                }
                return [site.fault("is \"\(name)\", \(fault)")]
            },
            FieldRule("\(place).port") { site in
                guard site.value.object != nil, (site.value["number"]?.integer ?? 0) == 0 else { return [] }
                return [site.fault(at: "number", "is required, from 1 to 65535; or leave out port")]
            },
        ]
    }

    private static func headers(at place: String) -> [FieldRule] {
        let changed = ["request.set", "request.add"].map { part in
            FieldRule("\(place).\(part)") { site in
                (site.value.object ?? [:]).keys.sorted().filter { $0.hasPrefix(":") && !isAuthority($0) }
                    .map { site.fault(at: $0, "cannot be changed: of what begins with : only :authority can") }
            }
        }
        let answered = ["response.set", "response.add"].map { part in
            FieldRule("\(place).\(part)") { site in
                (site.value.object ?? [:]).keys.sorted().filter(isOfProtocol)
                    .map { site.fault(at: $0, "cannot be changed: it belongs to HTTP itself") }
            }
        }
        let removed = ["request.remove", "response.remove"].map { part in
            FieldRule("\(place).\(part)[]") { site in
                guard let name = site.value.string, isOfProtocol(name) else { return [] }
                return [site.fault("is \"\(name)\", which belongs to HTTP itself, and cannot be taken out")]
            }
        }
        return changed + answered + removed
    }

    private static func isAuthority(_ name: String) -> Bool { [":authority", "host"].contains(name.lowercased()) }
    private static func isOfProtocol(_ name: String) -> Bool { name.hasPrefix(":") || name.lowercased() == "host" }
}
