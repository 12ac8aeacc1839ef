/// A module that a configuration needs.
package struct ModuleRequest: Hashable, Sendable {
    /// When a module that is there already is fetched again.
    enum PullPolicy: String, Hashable, Sendable {
        /// Where the address says `latest`, or no version, ``always``; else ``ifNotPresent``.
        case unspecified = ""
        case ifNotPresent = "IfNotPresent"
        /// Whenever the plug-in's object has changed.
        case always = "Always"
    }

    /// The resource that needs it.
    var plugin: String
    var address: ModuleAddress
    /// The SHA-256 that the module, or the image, has to have, in small hexadecimal digits; nil: any.
    var checksum: String?
    var policy = PullPolicy.unspecified
    /// Of the plug-in's object.
    var version = ""
    var credentials: RegistryCredentials?
    /// For everything that it takes.
    var timeout: Duration = .seconds(30)

    init(plugin: String, address: ModuleAddress) {
        self.plugin = plugin
        self.address = address
    }

    /// What is there counts only for the version of the plug-in that it was fetched for.
    var isAlwaysPulled: Bool {
        guard checksum == nil else { return false }
        switch (policy, address) {
        case (.always, .web): return true
        case (.always, .image(let image)): return image.digest == nil
        case (.unspecified, .image(let image)): return image.isMovable
        case (.unspecified, .web), (.ifNotPresent, _): return false
        }
    }
}
