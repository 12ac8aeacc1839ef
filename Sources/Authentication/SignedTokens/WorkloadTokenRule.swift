import KubernetesModel
package import MeshModel
import MeshTranslator

/// Whose tokens prove who a workload is, besides those of the API server: a rule as a RequestAuthentication has it.
///
/// ```
/// JWT_RULE={"issuer": "https://accounts.example.com", "jwksUri": "https://…", "audiences": ["istio-ca"]}
/// ```
package struct WorkloadTokenRule: Hashable, Sendable {
    /// Where the keys of the issuer come from.
    package enum Keys: Hashable, Sendable {
        /// A JSON Web Key Set.
        case given(String)
        case fetched(KeySetSource)
    }

    package var issuer: String
    package var keys: Keys
    /// For one of whom a token has to be issued.
    package var audiences: [String]
    /// How long a fetch of keys may take.
    package var timeout: Duration = .seconds(5)

    package init(issuer: String, keys: Keys, audiences: [String] = [WorkloadAuthenticator.audience]) {
        self.issuer = issuer
        self.keys = keys
        self.audiences = audiences
    }

    /// Reads `JWT_RULE`; nil: there is none, or it makes no sense and nobody's tokens count by it.
    ///
    /// - Parameter report: Told what was not understood, a sentence each.
    package init?(environment: [String: String], report: (String) -> Void = { _ in }) {
        guard let text = environment["JWT_RULE"], !text.isEmpty else { return nil }
        guard let json = try? JSONValue(parsing: text), json.object != nil else {
            report("JWT_RULE: is no JSON object: give one such as {\"issuer\": \"…\", \"jwksUri\": \"https://…\"}")
            return nil
        }
        guard let issuer = json["issuer"]?.string, !issuer.isEmpty else {
            report("JWT_RULE: field issuer must be given")
            return nil
        }
        self.init(issuer: issuer, keys: .fetched(.issuer(issuer)))
        let inline = json["jwks"]?.string ?? ""
        let address = json["jwksUri"]?.string ?? json["jwks_uri"]?.string ?? ""
        if !inline.isEmpty {
            if let fault = KeySetText.fault(of: inline) {
                report("JWT_RULE: field jwks \(fault)")
                return nil
            }
            keys = .given(inline)
        } else if !address.isEmpty {
            keys = .fetched(.address(address))
        }
        if case .fetched = keys, !(address.isEmpty ? issuer : address).hasPrefix("https://") {
            report(
                "JWT_RULE: keys are fetched over TLS alone, and "
                    + (address.isEmpty ? "issuer" : "jwksUri") + " is no https:// address: give jwksUri or jwks")
            return nil
        }
        let audiences = (json["audiences"]?.array ?? []).compactMap(\.string)
        if !audiences.isEmpty { self.audiences = audiences }
        if let timeout = json["timeout"]?.string.flatMap({ Duration(goText: $0) }), timeout > .zero {
            self.timeout = timeout
        }
    }
}
