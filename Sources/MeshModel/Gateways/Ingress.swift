import KubernetesModel

/// Kubernetes' own way to say which hosts and paths a gateway passes on.
package struct Ingress: Hashable, Sendable {
    /// Who shows a certificate to whom.
    package struct Certificate: Hashable, Sendable {
        package var hosts: [String]
        /// The Secret's name.
        package var credential: String

        package init(hosts: [String], credential: String) {
            self.hosts = hosts
            self.credential = credential
        }
    }

    /// Which paths a rule is for.
    package enum PathMatch: Hashable, Sendable {
        case exact(String)
        /// Whole segments: `/a` is for `/a` and `/a/b`, and not for `/ab`.
        case segments(String)
        /// Any text: `/a` is for `/ab` too.
        case prefix(String)
        case any
    }

    package struct Path: Hashable, Sendable {
        package var match: PathMatch
        package var backend: Backend

        package init(match: PathMatch, backend: Backend) {
            self.match = match
            self.backend = backend
        }
    }

    /// A Service of the Ingress' own namespace.
    package struct Backend: Hashable, Sendable {
        package enum Port: Hashable, Sendable {
            case number(Int)
            case name(String)
        }

        package var service: String
        package var port: Port

        package init(service: String, port: Port) {
            self.service = service
            self.port = port
        }
    }

    package struct Rule: Hashable, Sendable {
        /// `*` for all.
        package var host: String
        package var paths: [Path]

        package init(host: String, paths: [Path]) {
            self.host = host
            self.paths = paths
        }
    }

    package var origin: ConfigurationOrigin
    /// What the annotation says.
    package var annotatedClass: String?
    /// The name of an IngressClass.
    package var className: String?
    package var certificates: [Certificate]
    package var rules: [Rule]
    /// For requests that no rule is for.
    package var defaultBackend: Backend?

    package init(origin: ConfigurationOrigin) {
        self.origin = origin
        certificates = []
        rules = []
    }
}

/// Who serves the Ingresses that name it.
package struct IngressClass: Hashable, Sendable {
    /// Such as `istio.io/ingress-controller`.
    package var controller: String

    package init(controller: String) { self.controller = controller }

    /// What the controller of this mesh is called.
    package static let controllerName = "istio.io/ingress-controller"
}

extension MeshSnapshot {
    /// Those that gateways of this mesh serve, the oldest first.
    package var ingresses: [Ingress] {
        configuration.ingresses.values.filter(isServed).sorted { $0.origin < $1.origin }
    }

    private func isServed(_ ingress: Ingress) -> Bool {
        let mode = settings.ingress.mode
        if let name = ingress.annotatedClass { return mode != .off && name == settings.ingress.className }
        if let name = ingress.className,
            let found = configuration.ingressClasses.first(where: { $0.key.name == name })?.value
        {
            return found.controller == IngressClass.controllerName
        }
        return mode == .byDefault
    }
}
