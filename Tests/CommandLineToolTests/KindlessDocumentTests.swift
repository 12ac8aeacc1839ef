import KubernetesModel
import Testing

@testable import CommandLineTool

/// Documents that do not say, or say wrongly, what they are.
@Suite struct KindlessDocumentTests {
    @Test(arguments: ["spec: {profile: minimal}\n", "apiVersion: install.istio.io/v1alpha1\nspec:\n  hub: a\n"])
    func aSpecIsAnIstioOperators(_ text: String) throws {
        let document = try #require(try documents(text).first?.asOperator)
        #expect(document.subject == "IstioOperator")
        #expect(document.doubts == [])
    }

    @Test func otherApisKeepTheirObjects() throws {
        for text in ["apiVersion: v1\nspec: {}\n", "apiVersion: v1\nkind: Pod\nspec: {}\n", "values: {}\n"] {
            #expect(try documents(text).first?.asOperator == nil)
        }
    }

    @Test func bareValuesAreRefusedWithTheirPlace() throws {
        let finding = try #require(try documents("# none\nvalues: {}\nhub: a\n").first).whyNoOperator
        #expect(finding.severity == .error)
        #expect(finding.description.hasPrefix("a.yaml:2:1: error: has no kind"))
        #expect(finding.message.hasSuffix("kind: IstioOperator, and hub, values below its spec"))
        for text in ["kind: Pod\n", "resources: [a.yaml]\n"] {
            #expect(try documents(text).first?.whyNoOperator.severity == .note)
        }
    }

    @Test func anotherVersionIsDoubted() throws {
        let text = "apiVersion: install.istio.io/v1alpha2\nkind: IstioOperator\nspec: {}\n"
        let document = try #require(try documents(text).first?.asOperator)
        #expect(document.doubts.map(\.severity) == [.warning])
        #expect(document.doubts.map(\.place?.description) == ["a.yaml:1:1"])
    }
}
