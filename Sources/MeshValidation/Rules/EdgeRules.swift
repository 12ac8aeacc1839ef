import KubernetesModel
import MeshModel

extension FieldRule {
    static let gateway: [FieldRule] = [
        text("servers[].hosts[]", { scopedFault($0, needsNamespace: false, of: NameRules.hostOrAddressFault) }),
        FieldRule("servers[]") { ownCertificates($0) },
        FieldRule("servers[]") { surplusTLS($0) },
    ]

    static let sidecar: [FieldRule] = scoped + port(at: "egress[].port") + port(at: "ingress[].port")

    private static let scoped: [FieldRule] = [
        text("egress[].hosts[]", { scopedFault($0, needsNamespace: true, of: NameRules.hostFault) }),
        FieldRule("egress[]") { site in
            guard site.value["bind"]?.string?.hasPrefix("unix://") ?? false,
                site.value["captureMode"]?.string == "IPTABLES"
            else { return [] }
            return [site.fault(at: "captureMode", "is IPTABLES, which cannot lead to a Unix socket")]
        },
    ]

    private static func port(at place: String) -> [FieldRule] {
        [
            text("\(place).protocol", NameRules.protocolFault),
            text("\(place).name", { $0.isEmpty ? nil : NameRules.labelFault($0) }),
        ]
    }

    /// `host`, or `namespace/host`.
    private static func scopedFault(
        _ text: String, needsNamespace: Bool, of hostFault: (String) -> String?
    ) -> String? {
        guard let slash = text.firstIndex(of: "/") else {
            return needsNamespace ? "and must be namespace/host" : hostFault(text)
        }
        let namespace = text[..<slash]
        guard ["*", ".", "~"].contains(namespace) || NameRules.isLabel(namespace) else {
            return "and before the slash must be a namespace, . or *"
        }
        return hostFault(String(text[text.index(after: slash)...]))
    }

    /// The mesh's own certificates leave no choice of others.
    private static func ownCertificates(_ site: Site) -> [Diagnostic] {
        guard site.value["tls", "mode"]?.string == "ISTIO_MUTUAL" else { return [] }
        return given(["serverCertificate", "privateKey", "caCertificates", "credentialName"], in: site).map {
            Diagnostic(
                path: "\(site.path).tls.\($0)",
                message: "cannot be used for mode ISTIO_MUTUAL, whose certificates are the mesh's own")
        }
    }

    private static func surplusTLS(_ site: Site) -> [Diagnostic] {
        guard site.value["tls"]?.object != nil, let word = site.value["port", "protocol"]?.string,
            let meshProtocol = MeshProtocol(rawValue: word.lowercased()), !meshProtocol.isTLS
        else { return [] }
        guard meshProtocol.isHTTP else {
            return [site.fault(at: "tls", "cannot be used on a port of \(word); use protocol TLS or HTTPS")]
        }
        return given(["serverCertificate", "privateKey", "caCertificates"], in: site).map {
            Diagnostic(
                path: "\(site.path).tls.\($0)",
                message: "cannot be used on a port of plain HTTP, which has only httpsRedirect; use protocol HTTPS")
        }
    }

    private static func given(_ fields: [String], in site: Site) -> [String] {
        fields.filter { site.value["tls", $0]?.string?.isEmpty == false }
    }
}
