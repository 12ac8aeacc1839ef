import AsyncHTTPClient
import Crypto
import KubernetesModel
import NIOHTTP1

/// Asks a registry for one image (the OCI distribution protocol).
struct RegistrySession {
    private let image: ImageReference
    private let credentials: RegistryCredentials.Entry?
    private let client: WebClient
    private var isEncrypted = true
    private var authorization: String?

    init(_ image: ImageReference, _ credentials: RegistryCredentials?, _ client: WebClient) {
        self.image = image
        self.credentials = credentials?.entry(for: image)
        self.client = client
    }

    /// The image's layers, and the digests that it is known by: its own, and that of the index that it is in.
    mutating func layers() async throws -> (layers: [ImageManifest.Layer], digests: [String]) {
        var digests: [String] = []
        var reference = image.reference
        // An index leads to an image, and an image to none.
        for _ in 0..<3 {
            let (text, digest) = try await manifest(reference)
            digests.append(digest)
            let manifest = try ImageManifest(parsing: text, architecture: Self.architecture)
            switch manifest.content {
            case .image(let layers): return (layers, digests)
            case .index(let digest): reference = digest
            }
        }
        throw ModuleProblem("image \(image) is an index of indices")
    }

    /// The content of a layer; still to come, and to be verified.
    mutating func layer(_ layer: ImageManifest.Layer) async throws -> HTTPClientResponse {
        try await ask("blobs/\(layer.digest)", accept: [])
    }

    private mutating func manifest(_ reference: String) async throws -> (text: String, digest: String) {
        let path = "manifests/\(reference)"
        let text = try await ask(path, accept: ImageManifest.mediaTypes).text(upTo: 4 << 20, at: address(path))
        let digest = "sha256:\(SHA256.hash(data: Array(text.utf8)).hexadecimal)"
        guard !ImageReference.isDigest(reference) || reference == digest else {
            throw ModuleProblem("image \(image): the registry gave another manifest than \(reference)")
        }
        return (text, digest)
    }

    private func address(_ path: String) -> WebAddress {
        let host = image.registry == ImageReference.hub ? "registry-1.docker.io" : image.registry
        return WebAddress(isEncrypted: isEncrypted, authority: host, target: "/v2/\(image.repository)/\(path)")
    }

    /// Asks, and once more after the registry said how to prove oneself.
    private mutating func ask(_ path: String, accept: [String]) async throws -> HTTPClientResponse {
        var response: HTTPClientResponse
        var origin: String
        do {
            (response, origin) = try await client.follow(address(path), accept: accept, authorization: authorization)
        } catch let problem as ModuleProblem
            where client.trustsAnybody && isEncrypted && authorization == nil && problem.nature != .lasting
        {
            isEncrypted = false
            (response, origin) = try await client.follow(address(path), accept: accept, authorization: nil)
        }
        // Another server than the registry does not say where its password goes.
        if response.status == .unauthorized, origin == address(path).origin,
            let header = response.headers.first(name: "WWW-Authenticate")
        {
            authorization = try await authorization(for: header)
            response = try await client.get(address(path), accept: accept, authorization: authorization)
        }
        if [401, 403].contains(response.status.code) {
            throw ModuleProblem(
                "the registry \(image.registry) refuses \(image) with status \(response.status.code): "
                    + (credentials == nil
                        ? "give the plug-in an imagePullSecret that names this registry"
                        : "the user of the imagePullSecret may not read it"))
        }
        if let problem = response.problem(at: address(path)) { throw problem }
        return response
    }

    private func authorization(for header: String) async throws -> String? {
        switch RegistryChallenge(parsing: header) {
        case .basic: return credentials?.basic
        case nil: throw ModuleProblem("the registry \(image.registry) wants a proof that is not known: \(header)")
        case .bearer(let realm, let service, let scope):
            guard let server = WebAddress(parsing: realm), server.isEncrypted || client.trustsAnybody else {
                throw ModuleProblem("the registry \(image.registry) gives tokens at \(realm), which is not encrypted")
            }
            let address = RegistryChallenge.tokenAddress(
                server, service: service, scope: scope ?? "repository:\(image.repository):pull")
            let response = try await client.get(address, authorization: credentials?.basic)
            if let problem = response.problem(at: address) { throw problem }
            let json = try? JSONValue(parsing: try await response.text(upTo: 1 << 20, at: address))
            guard let token = json?["token"]?.string ?? json?["access_token"]?.string else {
                throw ModuleProblem("\(address.shown) gave no token")
            }
            return "Bearer \(token)"
        }
    }

    private static var architecture: String {
        #if arch(arm64)
        "arm64"
        #else
        "amd64"
        #endif
    }
}
