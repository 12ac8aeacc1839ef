import EnvoyBootstrap
import KubernetesModel

/// What Envoy is started with, written where it reads it.
package struct BootstrapFile: Hashable, Sendable {
    package var path: String
    /// What people lay over it; nil: nothing.
    package var overlay: String?
}

extension AgentConfiguration {
    /// Writes the bootstrap, unless people bring their own.
    ///
    /// - Throws: ``BootstrapFileError``.
    package func writeBootstrap() throws(BootstrapFileError) -> BootstrapFile {
        var overlay: String?
        if let path = variable("ISTIO_BOOTSTRAP_OVERRIDE") {
            overlay = try read(path, "ISTIO_BOOTSTRAP_OVERRIDE")
        }
        if let path = settings.customConfigFile {
            _ = try read(path, "ProxyConfig's customConfigFile")
            return BootstrapFile(path: path, overlay: overlay)
        }
        let content: [UInt8]
        if let path = variable("ISTIO_BOOTSTRAP") ?? settings.templatePath {
            let text = try read(path, "ISTIO_BOOTSTRAP or --templateFile")
            guard !text.contains("{{") else {
                throw BootstrapFileError(
                    "the bootstrap \(path) is a template of Istio's own agent. Give the JSON that it makes, or lay the "
                        + "difference over the generated bootstrap with the annotation sidecar.istio.io/bootstrapOverride"
                )
            }
            content = Array(text.utf8)
        } else {
            content = Array(bootstrap(for: bootstrapInput).prettyJSONText.utf8)
        }
        do {
            Files.makeFolder(settings.configPath)
            try Files.replace(bootstrapPath, with: content, mode: 0o644)
        } catch {
            throw BootstrapFileError(
                "\(error). The Pod has to mount a volume at \(settings.configPath) that user 1337 can write")
        }
        return BootstrapFile(path: bootstrapPath, overlay: overlay)
    }

    private func read(_ path: String, _ source: String) throws(BootstrapFileError) -> String {
        do {
            return try Files.text(path)
        } catch {
            throw BootstrapFileError("\(error). \(source) names it: mount it, or take the setting away")
        }
    }
}

/// Envoy has nothing to start with.
package struct BootstrapFileError: Error, Hashable, Sendable, CustomStringConvertible {
    package var problem: String

    package init(_ problem: String) { self.problem = problem }

    package var description: String { "cannot give Envoy its bootstrap: \(problem)." }
}
