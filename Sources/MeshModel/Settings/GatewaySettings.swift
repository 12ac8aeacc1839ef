/// Which Ingresses are served, and by which gateway.
package struct IngressSettings: Hashable, Sendable {
    package enum Mode: String, Hashable, Sendable {
        case off = "OFF"
        /// Ingresses of the class, and those without any.
        case byDefault = "DEFAULT"
        /// Ingresses of the class alone.
        case strict = "STRICT"
    }

    package var className = "istio"
    package var mode = Mode.strict
    /// The Service of the gateway.
    package var service = "istio-ingressgateway"
    /// The value of label `istio` of the gateway's Pods.
    package var selector = "ingressgateway"

    package init() {}
}
