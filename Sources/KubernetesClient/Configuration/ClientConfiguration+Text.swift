import KubernetesModel

extension ClientConfiguration {
    /// Reads a kubeconfig that came on its own, such as in a Secret, for its current context.
    ///
    /// Whoever wrote it need not be trusted with this machine: it may name no files and start no programs, and the server
    /// has to prove who it is.
    ///
    /// - Parameter origin: Where it came from, for messages.
    package static func kubeconfig(text: String, origin: String) throws(KubeConfigError) -> ClientConfiguration {
        let parsed = try Kubeconfig(text: text, file: origin)
        for entry in parsed.users.values.sorted(by: { $0.field < $1.field }) {
            try entry.refuse(["exec", "auth-provider", "tokenFile", "client-certificate", "client-key"])
        }
        for entry in parsed.clusters.values.sorted(by: { $0.field < $1.field }) {
            try entry.refuse(["certificate-authority"])
            guard entry.content["insecure-skip-tls-verify"]?.bool != true else {
                throw KubeConfigError(
                    file: origin, field: "\(entry.field).insecure-skip-tls-verify",
                    problem: "is not taken from a Secret; give certificate-authority-data instead")
            }
        }
        return try parsed.configuration(context: nil, origin: origin)
    }
}

extension Kubeconfig.Entry {
    fileprivate func refuse(_ fields: [String]) throws(KubeConfigError) {
        for field in fields where !(content[field]?.isNull ?? true) && content[field]?.string != "" {
            throw KubeConfigError(
                file: file, field: "\(self.field).\(field)",
                problem: "names a file or a program, which is not taken from a Secret; put a token, or certificates as "
                    + "data, in its place")
        }
    }
}
