import EnvoyTranslator
import FoundationEssentials
import KubernetesModel
import MeshModel
import MeshTranslator
import SwiftProtobuf

/// The mesh that the objects of some files make, as a control plane would see it.
struct MeshFiles {
    var documents: [InputDocument]
    var translation: MeshTranslation
    /// What cannot be read, what is wrong, and what is passed over.
    var findings: [Finding]

    /// - Parameter settings: What the control plane starts with, under what the files say.
    init(_ input: InputDocuments, settings: MeshSettings = .ofThisProcess) {
        documents = input.documents
        findings = input.findings
        do throws(UnknownCompliancePolicy) {
            _ = try CompliancePolicy(environment: ProcessInfo.processInfo.environment)
        } catch {
            findings.append(Finding(.error, "\(error)"))
        }
        var objects = ClusterObjects()
        var passedOver: [GroupKind: Int] = [:]
        for document in documents {
            if let diagnostics = objects.add(document.object) {
                findings += diagnostics.map { document.meshFinding($0) }
            } else if document.configuresMesh {
                passedOver[document.object.groupVersionKind.groupKind, default: 0] += 1
            }
        }
        translation = MeshTranslation(objects, settings: settings)
        for document in documents {
            findings += (translation.diagnostics[document.meshReference] ?? []).map { document.meshFinding($0) }
        }
        if !passedOver.isEmpty {
            let counts = passedOver.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
            findings.append(
                Finding(.note, "passed over, for they have no meaning here: \(counts.joined(separator: ", "))"))
        }
    }

    var snapshot: MeshSnapshot { translation.snapshot }

    /// What a proxy is sent, by type.
    func resources(
        for proxy: Proxy, settings: TranslationSettings = .init()
    ) throws -> [String: [NamedResource]] {
        try xdsResources(for: proxy, view: snapshot.view(of: proxy), in: snapshot, settings: settings)
    }

    /// The document that holds an object.
    func document(of reference: ObjectReference) -> InputDocument? {
        documents.first { $0.meshReference == reference }
    }
}

extension MeshSettings {
    /// What a control plane that is started like this process begins with.
    static var ofThisProcess: MeshSettings {
        var settings = MeshSettings()
        settings.apply(environment: ProcessInfo.processInfo.environment)
        return settings
    }
}

extension InputDocument {
    /// The object as the mesh knows it: one without a namespace is in `default`.
    var meshReference: ObjectReference {
        let namespace = object.namespace.isEmpty ? "default" : object.namespace
        return ObjectReference(object.groupVersionKind.groupKind, ObjectKey(namespace: namespace, name: object.name))
    }

    fileprivate func meshFinding(_ diagnostic: Diagnostic) -> Finding {
        Finding(
            Finding.Severity(diagnostic.severity), at: place(of: diagnostic.path), subject: subject,
            diagnostic.description)
    }

    /// Whether whoever wrote this meant the mesh.
    fileprivate var configuresMesh: Bool {
        let group = object.groupVersionKind.group
        return group.hasSuffix(".istio.io") || group == "gateway.networking.k8s.io"
    }
}
