import AgentRuntime
import EnvoyBootstrap
import KubernetesModel

/// What Envoy is started with, written where it reads it.
package struct BootstrapFile: Hashable, Sendable {
    package var path: String
    /// What people lay over it; nil: nothing.
    package var overlay: String?
}

extension AgentConfiguration {
    /// Writes the bootstrap, unless people bring one that Envoy can read as it is.
    ///
    /// Whole or not at all: what is neither JSON nor YAML, or a template that cannot be run, is not written.
    ///
    /// - Throws: ``BootstrapFileError``.
    package func writeBootstrap() throws(BootstrapFileError) -> BootstrapFile {
        let overlay = try bootstrapOverlay()
        if let path = try fileForEnvoy() { return BootstrapFile(path: path, overlay: overlay) }
        let content = Array(try bootstrapText().utf8)
        do {
            Files.makeFolder(settings.configPath)
            try Files.replace(bootstrapPath, with: content, mode: 0o644)
        } catch {
            throw BootstrapFileError(
                "\(error). The Pod has to mount a volume at \(settings.configPath) that user 1337 can write")
        }
        return BootstrapFile(path: bootstrapPath, overlay: overlay)
    }

    /// What Envoy would be started with, without what is laid over it.
    ///
    /// - Throws: ``BootstrapFileError``.
    package func bootstrapText() throws(BootstrapFileError) -> String {
        guard let file = ownBootstrapFile else { return bootstrap(for: bootstrapInput).prettyJSONText }
        let text = try read(file.path, file.setting)
        do throws(OwnBootstrapError) {
            return try ownBootstrap(text, for: bootstrapInput, environment: environment)
        } catch {
            throw BootstrapFileError("\(file.path), which \(file.setting) names, \(error)")
        }
    }

    /// A file that people bring, and what names it.
    private var ownBootstrapFile: (path: String, setting: String)? {
        if let path = settings.customConfigFile { return (path, "ProxyConfig's customConfigFile") }
        if let path = variable("ISTIO_BOOTSTRAP") { return (path, "ISTIO_BOOTSTRAP") }
        return settings.templatePath.map {
            (path: $0, setting: "--templateFile or ProxyConfig's proxyBootstrapTemplatePath")
        }
    }

    /// The file of ProxyConfig's `customConfigFile`, if Envoy can read it where it is; nil: it is to be written anew.
    private func fileForEnvoy() throws(BootstrapFileError) -> String? {
        guard let path = settings.customConfigFile, let file = ownBootstrapFile else { return nil }
        if [".pb", ".pb_text"].contains(where: path.hasSuffix) {
            guard Files.exists(path) else {
                throw BootstrapFileError("\(path) is not there. \(file.setting) names it: mount it")
            }
            return path
        }
        guard [".json", ".yaml", ".yml"].contains(where: path.hasSuffix), !isTemplate(try read(path, file.setting))
        else { return nil }
        _ = try bootstrapText()
        return path
    }

    private func bootstrapOverlay() throws(BootstrapFileError) -> String? {
        guard let path = variable("ISTIO_BOOTSTRAP_OVERRIDE") else { return nil }
        let text = try read(path, "ISTIO_BOOTSTRAP_OVERRIDE")
        do throws(OwnBootstrapError) {
            return try bootstrapOverride(text)
        } catch {
            throw BootstrapFileError(
                "\(path), which ISTIO_BOOTSTRAP_OVERRIDE names, \(error). It comes from custom_bootstrap.json of the "
                    + "ConfigMap of the annotation sidecar.istio.io/bootstrapOverride")
        }
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
