import KubernetesModel
import NIOCore
import Testing

@testable import KubernetesClient

private struct NarrowPod: KubernetesObject, Equatable {
    struct Spec: Decodable, Hashable { var nodeName: String? }

    var metadata: ObjectMeta
    var spec: Spec
}

@Suite struct ObjectReaderTests {
    let list = ByteBuffer(
        string: """
            {"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"77","continue":"next","remainingItemCount":3},
             "items":[{"metadata":{"name":"a","namespace":"n","labels":{"x":"y"}},
                       "spec":{"nodeName":"node-1","containers":[{"name":"c"}]},"status":{"phase":"Running"}}]}
            """)

    @Test func aNarrowStructTakesWhatItNames() throws {
        let page = try ObjectReader<NarrowPod>.decodable().page(list, .pods)
        #expect(page.resourceVersion == "77")
        #expect(page.continueToken == "next")
        #expect(page.remainingItemCount == 3)
        #expect(page.items.map(\.spec.nodeName) == ["node-1"])
        #expect(page.items.map(\.metadata.key) == [ObjectKey(namespace: "n", name: "a")])
    }

    @Test func wholeObjectsOfAListGetTheirKind() throws {
        let page = try ObjectReader<UnstructuredObject>.unstructured.page(list, .pods)
        #expect(page.continueToken == "next")
        #expect(page.items.map(\.groupVersionKind) == [GroupVersionKind(apiVersion: "v1", kind: "Pod")])
        #expect(page.items.map { $0.json["status", "phase"] } == ["Running"])
    }

    @Test(arguments: ["null", "[]"])
    func anEmptyListHasNoItems(items: String) throws {
        let bytes = ByteBuffer(string: #"{"metadata":{"resourceVersion":"1"},"items":\#(items)}"#)
        #expect(try ObjectReader<NarrowPod>.decodable().page(bytes, .pods).items.isEmpty)
        #expect(try ObjectReader<UnstructuredObject>.unstructured.page(bytes, .pods).items.isEmpty)
    }

    /// Both kinds of reader tell the same of each kind of line.
    @Test(arguments: [
        ("ADDED", WatchEvent<String>.Kind.added), ("MODIFIED", .modified), ("DELETED", .deleted),
    ])
    func changes(type: String, kind: WatchEvent<String>.Kind) throws {
        let line = ByteBuffer(
            string: #"{"type":"\#(type)","object":{"metadata":{"name":"a","resourceVersion":"9"},"spec":{}}}"#)
        guard case .event(let narrow) = try ObjectReader<NarrowPod>.decodable().event(line, .pods),
            case .event(let whole) = try ObjectReader<UnstructuredObject>.unstructured.event(line, .pods)
        else {
            Issue.record("no events")
            return
        }
        #expect("\(narrow.kind)" == "\(kind)" && "\(whole.kind)" == "\(kind)")
        #expect(narrow.resourceVersion == "9" && whole.resourceVersion == "9")
        #expect(narrow.object?.metadata.name == "a" && whole.object?.name == "a")
        #expect(whole.object?.kind == "Pod")
    }

    /// A bookmark carries nothing but a version: a narrow struct's required fields are not there.
    @Test func bookmarks() throws {
        let line = ByteBuffer(
            string: #"{"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"12"}}}"#)
        guard case .event(let narrow) = try ObjectReader<NarrowPod>.decodable().event(line, .pods),
            case .event(let whole) = try ObjectReader<UnstructuredObject>.unstructured.event(line, .pods)
        else {
            Issue.record("no events")
            return
        }
        #expect(narrow == WatchEvent(kind: .bookmark, object: nil, resourceVersion: "12"))
        #expect(whole == WatchEvent(kind: .bookmark, object: nil, resourceVersion: "12"))
    }

    @Test func errors() throws {
        let line = ByteBuffer(
            string:
                #"{"type":"ERROR","object":{"kind":"Status","status":"Failure","reason":"Expired","code":410,"message":"too old"}}"#
        )
        guard case .error(let narrow) = try ObjectReader<NarrowPod>.decodable().event(line, .pods),
            case .error(let whole) = try ObjectReader<UnstructuredObject>.unstructured.event(line, .pods)
        else {
            Issue.record("no errors")
            return
        }
        for status in [narrow, whole] {
            let error = APIError(statusObject: status, request: "WATCH pods")
            #expect(error.isGone)
            #expect(error.message == "too old")
        }
    }

    @Test func aWrongFieldIsNamed() {
        let bytes = ByteBuffer(string: #"{"metadata":{},"items":[{"metadata":{"name":"a"},"spec":{"nodeName":5}}]}"#)
        let error = #expect(throws: ObjectReadError.self) { try ObjectReader<NarrowPod>.decodable().page(bytes, .pods) }
        #expect(error?.problem.contains("nodeName") == true)
        #expect(error?.description.hasPrefix("cannot read v1 Pod from the API server: ") == true)
    }

    @Test func textThatIsNotJSONIsRefused() {
        let bytes = ByteBuffer(string: "<html>")
        #expect(throws: ObjectReadError.self) { try ObjectReader<NarrowPod>.decodable().page(bytes, .pods) }
        #expect(throws: ObjectReadError.self) {
            try ObjectReader<UnstructuredObject>.unstructured.page(bytes, .pods)
        }
    }
}

@Suite struct ExecStatusTests {
    @Test func successIsZero() throws {
        #expect(try ExecSession.exitCode(status: Array(#"{"status":"Success"}"#.utf8), of: "") == 0)
    }

    @Test func aFailureCarriesTheExitCode() throws {
        let status = #"""
            {"status":"Failure","message":"command terminated with non-zero exit code","reason":"NonZeroExitCode",
             "details":{"causes":[{"reason":"ExitCode","message":"3"}]}}
            """#
        #expect(try ExecSession.exitCode(status: Array(status.utf8), of: "") == 3)
    }

    @Test func aCommandThatCannotRunIsAnError() {
        let status = #"{"status":"Failure","message":"no such file","reason":"InternalError","code":500}"#
        let error = #expect(throws: APIError.self) {
            try ExecSession.exitCode(status: Array(status.utf8), of: "EXEC pods a/b")
        }
        #expect(error?.message == "no such file")
    }
}
