import KubernetesModel
import Testing

@testable import CommandLineTool

/// The documents of a text.
func documents(_ text: String, of file: String = "a.yaml") throws -> [InputDocument] {
    let read = InputDocuments(text: text, of: file)
    try #require(read.findings == [])
    return read.documents
}

/// An IstioOperator put together of texts and arguments.
func operatorInput(_ texts: [String], _ settings: String...) throws -> OperatorInput {
    let read = try texts.enumerated().flatMap { index, text in
        try documents(text, of: ["a.yaml", "b.yaml", "c.yaml"][index])
    }
    return try OperatorInput(read, settings.map { try Setting(parsing: $0) })
}

/// The head of an IstioOperator; what follows is its spec.
let head = """
    apiVersion: install.istio.io/v1alpha1
    kind: IstioOperator
    metadata: {name: mesh, namespace: istio-system}
    spec:

    """
