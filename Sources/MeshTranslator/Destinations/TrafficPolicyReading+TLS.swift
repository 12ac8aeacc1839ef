import KubernetesModel
import MeshModel

extension TrafficPolicyReading {
    /// Reads `tls` of a client.
    mutating func clientTLS(_ json: JSONValue?, at path: String) -> ClientTLS? {
        guard let json, json.object != nil else { return nil }
        var tls = ClientTLS(mode(json))
        tls.certificateFile = json["clientCertificate"]?.string ?? ""
        tls.keyFile = json["privateKey"]?.string ?? ""
        tls.authoritiesFile = json["caCertificates"]?.string ?? ""
        tls.revocationFile = json["caCrl"]?.string ?? ""
        tls.credentialName = json["credentialName"]?.string ?? ""
        tls.subjectAltNames = (json["subjectAltNames"]?.array ?? []).compactMap(\.string)
        tls.serverName = json["sni"]?.string ?? ""
        tls.skipsVerification = json["insecureSkipVerify"]?.bool ?? false
        check(tls, at: path)
        return tls
    }

    private func mode(_ json: JSONValue) -> ClientTLS.Mode {
        switch json["mode"]?.string {
        case "SIMPLE": .simple
        case "MUTUAL": .mutual
        case "ISTIO_MUTUAL": .istioMutual
        default: .disable
        }
    }

    private mutating func check(_ tls: ClientTLS, at path: String) {
        let files = [
            ("clientCertificate", tls.certificateFile), ("privateKey", tls.keyFile),
            ("caCertificates", tls.authoritiesFile), ("caCrl", tls.revocationFile),
        ].filter { !$0.1.isEmpty }.map(\.0)
        if !tls.credentialName.isEmpty, !files.isEmpty, tls.mode == .simple || tls.mode == .mutual {
            report("\(path).credentialName", "cannot be used beside files (\(files.joined(separator: ", ")))")
        }
        if tls.skipsVerification, tls.mode == .simple || tls.mode == .mutual,
            !tls.authoritiesFile.isEmpty || !tls.subjectAltNames.isEmpty
        {
            report(
                "\(path).insecureSkipVerify",
                "cannot be used beside caCertificates or subjectAltNames, which it ignores")
        } else if tls.skipsVerification, tls.mode == .simple, !tls.credentialName.isEmpty {
            report(
                "\(path).insecureSkipVerify",
                "cannot be used beside credentialName, of which mode SIMPLE takes but the authorities that it ignores")
        }
        switch tls.mode {
        case .mutual where tls.credentialName.isEmpty:
            if tls.certificateFile.isEmpty { report("\(path).clientCertificate", "is required for mode MUTUAL") }
            if tls.keyFile.isEmpty { report("\(path).privateKey", "is required for mode MUTUAL") }
        case .istioMutual:
            if let file = files.first {
                report(
                    .warning, "\(path).\(file)",
                    "has no effect for mode ISTIO_MUTUAL, whose certificates are the mesh's own")
            }
        default: break
        }
    }
}
