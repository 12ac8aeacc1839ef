import KubernetesModel
import MeshModel
import MeshTranslator
import Testing

@Suite("Regular expressions of VirtualServices")
struct RegularExpressionTests {
    /// What is said of an object that matches paths by an expression.
    private func said(of expression: String) throws -> [Diagnostic] {
        let match: JSONValue = ["uri": ["regex": .string(expression)]]
        var objects = ClusterObjects()
        let object: JSONValue = [
            "apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "metadata": ["name": "v"],
            "spec": [
                "hosts": ["example.com"], "http": [["match": [match], "route": [["destination": ["host": "a"]]]]],
            ],
        ]
        #expect(objects.add(UnstructuredObject(object)) == [])
        return MeshTranslation(objects).diagnostics.values.flatMap(\.self)
    }

    @Test(
        "What RE2 reads is taken",
        arguments: [
            #"/v[0-9]+/.*"#, #"^(?:a|b)?c{2,3}?$"#, #"[^]a-z]"#, #"[]a]"#, #"(?P<name>x)(?<other>y)"#, #"(?i)a(?-i:b)"#,
            #"\d\D\w\W\s\S\b\B\A\z"#, #"\x41\x{10FFFF}\101\."#, #"\pL\p{Greek}\P{^Lu}"#, #"[[:alpha:][:^digit:]]"#,
            #"\Qa.b*\E"#, #"a{,3}{"#, #"a{x}"#, #"()|"#, #"[a\-z\d]"#, #"(a*)*"#, #"(a{30}){30}"#, #"\/\-"#, #"[+--]"#,
            #"é+"#, #"a||b"#, #"[a-\d]"#,
        ])
    func taken(expression: String) throws {
        #expect(try said(of: expression) == [])
    }

    @Test(
        "What it does not read is told",
        arguments: [
            "(", ")", "a)", "[", "[a", "[]", "*a", "+a", "a|*", "(?", "(?=a)", "(?!a)", "(?<=a)", "(?<!a)", "a**",
            "a+*",
            "a{2}{3}", "a{1001}", "a{3,2}", "(a{40}){40}", #"\"#, #"\1"#, #"\8"#, #"\Z"#, #"\y"#, #"\p{Klingon}"#,
            #"\x"#, #"\x{110000}"#, "[z-a]", "[[:foo:]]", "(?P<>a)", "(?P<a", "(?y)", #"[\b]"#,
            String(repeating: "a", count: 1025), String(repeating: "(", count: 300),
        ])
    func refused(expression: String) throws {
        let diagnostics = try said(of: expression)
        #expect(diagnostics.map(\.path) == ["spec.http[0].match[0].uri.regex"])
        #expect(diagnostics.map(\.severity) == [.error])
    }
}
