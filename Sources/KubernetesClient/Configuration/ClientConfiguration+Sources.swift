import FoundationEssentials

extension ClientConfiguration {
    /// Reads a kubeconfig.
    ///
    /// - Parameters:
    ///   - path: One file. Nil for those listed in `$KUBECONFIG`, merged, else `~/.kube/config`.
    ///   - context: Nil for the file's `current-context`.
    package static func kubeconfig(
        path: String? = nil, context: String? = nil,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(KubeConfigError) -> ClientConfiguration {
        let files = kubeconfigFiles(path: path, environment: environment)
        var merged = Kubeconfig()
        var read: [String] = []
        for file in files {
            let bytes: [UInt8]
            do {
                bytes = try readFile(file)
            } catch {
                // Of several files in $KUBECONFIG, those that do not exist are left out.
                if error.isMissing, path == nil { continue }
                throw KubeConfigError(problem: "\(error)")
            }
            merged.merge(try Kubeconfig(text: String(decoding: bytes, as: UTF8.self), file: file))
            read.append(file)
        }
        guard !read.isEmpty else {
            throw KubeConfigError(
                problem: "no kubeconfig: none of \(files.joined(separator: ", ")) exists. "
                    + "Name one by --kubeconfig or KUBECONFIG")
        }
        return try merged.configuration(context: context, origin: read.joined(separator: ":"))
    }

    /// Configures a client inside a Pod by its service account.
    ///
    /// - Parameters:
    ///   - directory: Holds `token`, `ca.crt` and `namespace`.
    ///   - environment: Names the API server (`KUBERNETES_SERVICE_HOST`, `KUBERNETES_SERVICE_PORT`).
    package static func inCluster(
        directory: String = "/var/run/secrets/kubernetes.io/serviceaccount",
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(KubeConfigError) -> ClientConfiguration {
        guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty else {
            throw KubeConfigError(
                problem: "not in a Pod: KUBERNETES_SERVICE_HOST is not set. Outside a cluster, name a kubeconfig")
        }
        let port = environment["KUBERNETES_SERVICE_PORT"] ?? "443"
        do {
            let roots = try readFile(directory + "/ca.crt")
            let token = try readFile(directory + "/token")
            guard !token.isEmpty else { throw KubeConfigError(file: directory + "/token", problem: "it is empty") }
            let namespace = (try? readFile(directory + "/namespace")).map { text($0) } ?? ""
            return ClientConfiguration(
                server: "https://\(host.contains(":") ? "[\(host)]" : host):\(port)", trustRootsPEM: roots,
                credential: .tokenFile(directory + "/token"),
                defaultNamespace: namespace.isEmpty ? "default" : namespace, origin: "service account")
        } catch let error as KubeConfigError {
            throw error
        } catch {
            throw KubeConfigError(
                problem: "cannot use the Pod's service account: \(error). "
                    + "Check automountServiceAccountToken of the Pod and its service account")
        }
    }

    /// Finds a configuration: the path named, else the files in `$KUBECONFIG`, else the Pod's service account, else
    /// `~/.kube/config`.
    ///
    /// Inside a Pod, a `$KUBECONFIG` none of whose files exists counts as unset: manifests may name an optional file.
    ///
    /// - Parameter serviceAccount: The folder that `inCluster` reads.
    package static func automatic(
        kubeconfig path: String? = nil, context: String? = nil,
        serviceAccount: String = "/var/run/secrets/kubernetes.io/serviceaccount",
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(KubeConfigError) -> ClientConfiguration {
        let named = path.map { [$0] } ?? filesNamed(in: environment).filter { !isMissing($0) }
        if named.isEmpty, !(environment["KUBERNETES_SERVICE_HOST"] ?? "").isEmpty {
            return try inCluster(directory: serviceAccount, environment: environment)
        }
        return try kubeconfig(path: path, context: context, environment: environment)
    }

    private static func kubeconfigFiles(path: String?, environment: [String: String]) -> [String] {
        if let path { return [path] }
        let named = filesNamed(in: environment)
        return named.isEmpty ? [(environment["HOME"] ?? "/root") + "/.kube/config"] : named
    }

    /// The files in `$KUBECONFIG`, whether they exist or not.
    private static func filesNamed(in environment: [String: String]) -> [String] {
        (environment["KUBECONFIG"] ?? "").split(separator: ":").map(String.init)
    }

    private static func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self).trimmingWhitespace
    }
}
