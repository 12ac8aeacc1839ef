extension TemplateContext {
    /// The image of the hub, in the variant that is asked for. What is known from the settings alone is known to
    /// templates as `ProxyImage`.
    var standardImage: String {
        if values.image.contains("/") { return values.image }
        let type = annotations["sidecar.istio.io/proxyImageType"] ?? proxy.imageType
        return "\(values.hub)/\(values.image):\(TemplateContext.tag(values.tag, ofType: type))"
    }

    /// The image of agent and proxy.
    var image: String {
        let named = annotation("sidecar.istio.io/proxyImage", or: values.image)
        return named.contains("/") ? named : standardImage
    }

    /// The image that sets up the capture of traffic.
    var captureImage: String {
        guard annotations["sidecar.istio.io/proxyImage"] == nil, values.initImage.contains("/") else { return image }
        return values.initImage
    }

    /// A tag names its variant at its end.
    static func tag(_ tag: String, ofType type: String) -> String {
        guard !type.isEmpty else { return tag }
        var base = tag
        for known in ["-distroless", "-debug"] where tag.hasSuffix(known) { base = String(tag.dropLast(known.count)) }
        return type == "default" ? base : "\(base)-\(type)"
    }
}
