import KubernetesModel

/// What an image consists of, or the images that there are under its name.
struct ImageManifest: Hashable, Sendable {
    struct Layer: Hashable, Sendable {
        var mediaType: String
        var digest: String
        var bytes: Int
    }

    enum Content: Hashable, Sendable {
        case image([Layer])
        /// The digest of the one to take.
        case index(String)
    }

    static let mediaTypes = [
        "application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json",
    ]

    var content: Content

    /// - Parameter architecture: The one to take of several images, if there is none for WebAssembly.
    init(parsing text: String, architecture: String) throws(ModuleProblem) {
        guard let json = try? JSONValue(parsing: text) else { throw ModuleProblem("the manifest is no JSON") }
        if let images = json["manifests"]?.array {
            let choices = ["wasm", "wasm32", architecture]
            let chosen =
                choices.lazy.compactMap { choice in
                    images.first { $0["platform", "architecture"]?.string == choice }
                }.first ?? images.first
            guard let digest = chosen?["digest"]?.string, ImageReference.isDigest(digest) else {
                throw ModuleProblem("the index of images names none")
            }
            content = .index(digest)
            return
        }
        let layers = (json["layers"]?.array ?? []).compactMap { layer -> Layer? in
            guard let digest = layer["digest"]?.string, ImageReference.isDigest(digest) else { return nil }
            return Layer(
                mediaType: layer["mediaType"]?.string ?? "", digest: digest,
                bytes: layer["size"]?.integer.map { Int($0) } ?? 0)
        }
        guard !layers.isEmpty else { throw ModuleProblem("the manifest names no layers") }
        content = .image(layers)
    }

    /// Where the module may be, the most likely place first.
    ///
    /// An artifact says which layer it is; an image has it in an archive, usually the last.
    static func candidates(_ layers: [Layer]) -> [Layer] {
        let modules = ["application/vnd.module.wasm.content.layer.v1+wasm", "application/wasm"]
        if let layer = layers.first(where: { modules.contains($0.mediaType) }) { return [layer] }
        let archives = layers.filter { $0.mediaType.contains(".tar") || $0.mediaType.isEmpty }
        return Array(archives.reversed().prefix(8))
    }
}
