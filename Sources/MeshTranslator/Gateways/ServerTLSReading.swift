import KubernetesModel
import MeshModel

extension GatewayReading {
    /// Reads TLS of the side that takes connections.
    mutating func serverTLS(_ json: JSONValue, at path: String) -> ServerTLS {
        var tls = ServerTLS(mode: json["mode"]?.string.flatMap(ServerTLS.Mode.init(rawValue:)) ?? .passthrough)
        tls.redirectsToHTTPS = json["httpsRedirect"]?.bool ?? false
        tls.certificates = certificates(json, for: tls.mode, at: path)
        tls.authorityCredential = json["caCertCredentialName"]?.string ?? ""
        tls.authorityFile = json["caCertificates"]?.string ?? ""
        tls.revocationFile = json["caCrl"]?.string ?? ""
        tls.subjectAltNames = strings(json["subjectAltNames"])
        tls.publicKeyHashes = hashes(json["verifyCertificateSpki"], at: "\(path).verifyCertificateSpki") {
            $0.utf8.count == 44 && $0.hasSuffix("=")
        }
        tls.certificateHashes = hashes(json["verifyCertificateHash"], at: "\(path).verifyCertificateHash") {
            $0.utf8.filter { $0 != UInt8(ascii: ":") }.count == 64
                && $0.utf8.allSatisfy { isHexadecimal($0) || $0 == UInt8(ascii: ":") }
        }
        tls.minimumVersion = version(json["minProtocolVersion"])
        tls.maximumVersion = version(json["maxProtocolVersion"])
        if let least = tls.minimumVersion, let most = tls.maximumVersion, least > most {
            report("\(path).minProtocolVersion", "is \(least), above maxProtocolVersion \(most)")
        }
        tls.cipherSuites = known(
            json["cipherSuites"], among: ServerTLS.knownCipherSuites, at: "\(path).cipherSuites", "cipher suite")
        tls.curves = known(json["ecdhCurves"], among: ServerTLS.knownCurves, at: "\(path).ecdhCurves", "curve")
        tls.trustsAnyClient = json["insecureSkipVerify"]?.bool ?? false
        check(tls, at: path)
        return tls
    }

    private mutating func certificates(
        _ json: JSONValue, for mode: ServerTLS.Mode, at path: String
    ) -> ServerTLS.Certificates {
        guard mode.needsCertificate else { return .workload }
        let names = strings(json["credentialNames"])
        if let name = json["credentialName"]?.string, !name.isEmpty { return .credentials([name]) }
        if !names.isEmpty { return .credentials(names) }
        let listed = (json["tlsCertificates"]?.array ?? []).map { files($0) }
        let written = listed.isEmpty ? [files(json)] : listed
        for (index, files) in written.enumerated() {
            let place = listed.isEmpty ? path : FieldPath.element(index, of: "\(path).tlsCertificates")
            if files.certificate.isEmpty {
                report(
                    "\(place).serverCertificate",
                    "is required for mode \(mode.rawValue), unless credentialName names a Secret")
            }
            if files.key.isEmpty {
                report(
                    "\(place).privateKey",
                    "is required for mode \(mode.rawValue), unless credentialName names a Secret")
            }
        }
        return .files(written)
    }

    private func files(_ json: JSONValue) -> ServerTLS.Files {
        ServerTLS.Files(
            certificate: json["serverCertificate"]?.string ?? "", key: json["privateKey"]?.string ?? "")
    }

    private mutating func check(_ tls: ServerTLS, at path: String) {
        if tls.mode.checksClients, case .files = tls.certificates, tls.authorityFile.isEmpty,
            tls.authorityCredential.isEmpty
        {
            report(
                "\(path).caCertificates",
                "is required for mode \(tls.mode.rawValue): without authorities no client can be checked")
        }
        if tls.mode.passesThrough, !tls.subjectAltNames.isEmpty || !tls.cipherSuites.isEmpty {
            report(path, "says what TLS must be like, and its mode \(tls.mode.rawValue) does not open it", .warning)
        }
    }

    private func strings(_ json: JSONValue?) -> [String] { (json?.array ?? []).compactMap(\.string) }

    private func version(_ json: JSONValue?) -> String? { json?.string.flatMap { $0 == "TLS_AUTO" ? nil : $0 } }

    private mutating func hashes(
        _ json: JSONValue?, at path: String, _ isHash: (String) -> Bool
    ) -> [String] {
        let written = strings(json)
        for (index, text) in written.enumerated() where !isHash(text) {
            report(FieldPath.element(index, of: path), "is no SHA-256 hash of the kind that belongs here")
        }
        return written
    }

    /// A word that a proxy does not know would make it refuse the whole listener: it is left out and told.
    private mutating func known(
        _ json: JSONValue?, among words: [String], at path: String, _ what: String
    ) -> [String] {
        let written = strings(json)
        for (index, word) in written.enumerated() where !words.contains(word) {
            report(
                FieldPath.element(index, of: path),
                "is \"\(word)\", which is no \(what) that proxies know and is left out; known are \(words.joined(separator: ", "))",
                .warning)
        }
        var taken: Set<String> = []
        return written.filter { words.contains($0) && taken.insert($0).inserted }
    }
}

extension ServerTLS {
    /// Up to TLS 1.2, by OpenSSL's names; those of TLS 1.3 cannot be chosen.
    static let knownCipherSuites = [
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
        "ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA", "ECDHE-RSA-AES256-SHA",
        "AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-SHA", "AES256-SHA",
    ]

    static let knownCurves = ["P-256", "P-384", "P-521", "X25519", "X25519MLKEM768"]
}
