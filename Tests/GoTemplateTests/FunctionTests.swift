import GoTemplate
import KubernetesModel
import Testing

/// The functions that Istio gives to templates, and those of the library around the language.
@Suite struct FunctionTests {
    private static let data: JSONValue = [
        "Values": ["global": ["proxy": ["limits": ["cpu": "2", "memory": "1Gi"]], "names": ["a", "b"]]],
        "ObjectMeta": ["annotations": ["status.sidecar.istio.io/port": "15021", "empty": ""]],
        "Spec": [
            "containers": [
                ["name": "web", "ports": [["containerPort": 80], ["containerPort": 53, "protocol": "UDP"]]],
                ["name": "istio-proxy", "ports": [["containerPort": 15090]]],
                ["name": "admin", "ports": [["containerPort": 9000, "protocol": "TCP"]]],
            ]
        ],
        "ProxyConfig": ["statusPort": 15020, "concurrency": 2, "holdApplicationUntilProxyStarts": true],
    ]

    @Test(arguments: [
        ("{{ annotation .ObjectMeta `status.sidecar.istio.io/port` 15020 }}", "15021"),
        ("{{ annotation .ObjectMeta `absent` 15020 }}", "15020"),
        ("{{ annotation .ObjectMeta `empty` 15020 }}", ""),
        ("{{ valueOrDefault \"\" \"d\" }}{{ valueOrDefault .Values.absent 1 }}{{ valueOrDefault \"x\" \"d\" }}", "d1x"),
        ("{{ isset .ObjectMeta.Annotations `empty` }}{{ isset .ObjectMeta.Labels `x` }}", "truefalse"),
        ("{{ applicationPorts .Spec.Containers }}", "80,9000"),
        (
            "{{ excludeInboundPort 15020 \"80, 81\" }}|{{ excludeInboundPort 80 \"80\" }}|{{ excludeInboundPort 0 \"\" }}",
            "80,81,15020|80|"
        ),
        ("{{ protoToJSON .ProxyConfig }}", "{\"concurrency\":2,\"holdApplicationUntilProxyStarts\":true}"),
        ("{{ .ProxyConfig.HoldApplicationUntilProxyStarts.GetValue }}{{ .ProxyConfig.Absent.GetValue }}|", "true|"),
        ("{{ .ProxyConfig.GetStatusPort }}", "15020"),
        ("{{ toJSON .Values.absent }}{{ toJson .Values.global.names }}", "{}[\"a\",\"b\"]"),
        ("{{ (fromJSON `{\"a\":[1]}`).a }}", "[1]"),
        ("x:\n  {{ toYaml .Values.global.proxy.limits | trim | indent 2 }}", "x:\n  cpu: '2'\n  memory: 1Gi"),
        ("x:{{ \"a\\nb\" | nindent 2 }}", "x:\n  a\n  b"),
        (
            "{{ appendMultusNetwork \"\" \"n\" }}|{{ appendMultusNetwork \"a\" \"n\" }}|{{ appendMultusNetwork \"a, n\" \"n\" }}",
            "n|a, n|a, n"
        ),
        ("{{ appendMultusNetwork `[{\"name\":\"a\"}]` \"n\" }}", "[{\"name\":\"a\"}, {\"name\":\"n\"}]"),
        ("{{ directory \"/a/b/c\" }}", "/a/b/"),
        ("{{ env \"SET\" \"d\" }}{{ env \"UNSET\" \"d\" }}", "valued"),
        ("{{ (strdict \"a\" 1 \"b\" true).a }}", "1"),
        ("{{ omit (dict \"a\" 1 \"b\" 2) \"a\" }}", "map[b:2]"),
        ("{{ $d := dict }}{{ $_ := set $d \"k\" \"v\" }}{{ $d.k }}", "v"),
        ("{{ render \"{{ .ProxyConfig.StatusPort }}\" }}", "15020"),
        ("{{ \"\" | default \"d\" }}{{ \"x\" | default \"d\" }}", "dx"),
        ("{{ quote \"a\\\"b\" 1 nil }} {{ squote \"a\" }}", "\"a\\\"b\" \"1\" 'a'"),
        ("{{ contains \"/\" \"a/b\" }}{{ hasPrefix \"a\" \"ab\" }}{{ hasSuffix \"a\" \"ab\" }}", "truetruefalse"),
        (
            "{{ trim \" a \" }}|{{ trimPrefix \"a\" \"ab\" }}|{{ trimSuffix \"-\" \"a-\" }}|{{ trunc 2 \"abc\" }}",
            "a|b|a|ab"
        ),
        ("{{ upper \"a\" }}{{ lower \"A\" }}{{ replace \"a\" \"bb\" \"aca\" }}", "Aabbcbb"),
        (
            "{{ join \",\" (list 1 2 \"c\") }}|{{ (split \",\" \"a,b\")._1 }}|{{ splitList \",\" \"a,b\" }}",
            "1,2,c|b|[a b]"
        ),
        ("{{ ternary 1 2 true }}{{ empty \"\" }}{{ coalesce 0 \"\" 3 }}", "1true3"),
        (
            "{{ add 1 2 3 }} {{ sub 5 2 }} {{ mul 2 3 }} {{ div 7 2 }} {{ mod 7 2 }} {{ max 1 3 2 }} {{ int \"12\" }}",
            "6 3 6 3 1 3 12"
        ),
        (
            "{{ printf \"%s|%5d|%-5s|%q|%v|%t|%.2f|%x|%%\" \"a\" 42 \"b\" \"c\" 1.5 true 3.14159 255 }}",
            "a|   42|b    |\"c\"|1.5|true|3.14|ff|%"
        ),
        ("{{ printf \"%d %s\" 1 }}", "1 %!s(MISSING)"),
        (
            "{{ has 2 (list 1 2) }}{{ keys (dict \"b\" 1 \"a\" 2) }}{{ merge (dict \"a\" 1) (dict \"a\" 2 \"b\" 3) }}",
            "true[a b]map[a:1 b:3]"
        ),
    ])
    func givesWhatItIsKnownFor(_ template: String, _ text: String) throws {
        #expect(try GoTemplate(parsing: template).render(with: Self.data, environment: ["SET": "value"]) == text)
    }
}
