// Command load is many agents that ask one certificate authority for certificates.
//
//	load -address 127.0.0.1:15012 -root root.pem -token token -seconds 10
//
// Its keys and requests are made before the clock starts, and used again and again: the server cannot tell. Every
// answer is looked at, some are verified. It prints one line of JSON.
package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"flag"
	"fmt"
	"net/url"
	"os"
	"sort"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/encoding/protowire"
)

const method = "/istio.v1.auth.IstioCertificateService/CreateCertificate"

// raw passes the bytes of messages on as they are.
type raw struct{}

func (raw) Name() string { return "proto" }
func (raw) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(v.([]byte))}, nil
}
func (raw) Unmarshal(data mem.BufferSlice, v any) error {
	*v.(*[]byte) = data.Materialize()
	return nil
}

var (
	address     = flag.String("address", "127.0.0.1:15012", "of the server")
	host        = flag.String("host", "istiod.istio-system.svc", "what its certificate names")
	rootFile    = flag.String("root", "", "file with the mesh's root, PEM")
	tokenFile   = flag.String("token", "", "file with a ServiceAccount's token for istio-ca")
	identity    = flag.String("identity", "", "the SPIFFE id that certificates have to name")
	connections = flag.Int("connections", 8, "how many connections")
	concurrency = flag.Int("concurrency", 8, "requests under way on each")
	seconds     = flag.Float64("seconds", 10, "how long")
	requests    = flag.Int("requests", 64, "how many keys")
)

func fail(err error) {
	fmt.Fprintln(os.Stderr, "error:", err)
	os.Exit(1)
}

func must[T any](value T, err error) T {
	if err != nil {
		fail(err)
	}
	return value
}

// request is an IstioCertificateRequest with a P-256 key, an empty subject and one name, as agents send it.
func request() []byte {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.CertificateRequest{URIs: []*url.URL{must(url.Parse(*identity))}}
	der := must(x509.CreateCertificateRequest(rand.Reader, template, key))
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})
	message := protowire.AppendTag(nil, 1, protowire.BytesType)
	message = protowire.AppendBytes(message, text)
	message = protowire.AppendTag(message, 3, protowire.VarintType)
	return protowire.AppendVarint(message, 3600)
}

// chain reads an IstioCertificateResponse.
func chain(data []byte) ([]string, error) {
	var texts []string
	for len(data) > 0 {
		number, kind, n := protowire.ConsumeTag(data)
		if n < 0 || kind != protowire.BytesType {
			return nil, fmt.Errorf("not an answer: %x", data)
		}
		value, m := protowire.ConsumeBytes(data[n:])
		if m < 0 {
			return nil, protowire.ParseError(m)
		}
		if number == 1 {
			texts = append(texts, string(value))
		}
		data = data[n+m:]
	}
	if len(texts) < 2 {
		return nil, fmt.Errorf("%d certificates, not a chain", len(texts))
	}
	return texts, nil
}

// verify holds a leaf to the root and to the expected name.
func verify(texts []string, roots *x509.CertPool) error {
	block, _ := pem.Decode([]byte(texts[0]))
	if block == nil {
		return fmt.Errorf("the first text is no PEM")
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return err
	}
	middle := x509.NewCertPool()
	middle.AppendCertsFromPEM([]byte(strings.Join(texts[1:len(texts)-1], "")))
	usages := []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}
	leaf.UnhandledCriticalExtensions = nil
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: middle, KeyUsages: usages}); err != nil {
		return err
	}
	if len(leaf.URIs) != 1 || leaf.URIs[0].String() != *identity {
		return fmt.Errorf("it names %v, not %s", leaf.URIs, *identity)
	}
	return nil
}

func main() {
	flag.Parse()
	encoding.RegisterCodecV2(raw{})
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(must(os.ReadFile(*rootFile)))
	token := strings.TrimSpace(string(must(os.ReadFile(*tokenFile))))
	messages := make([][]byte, *requests)
	for i := range messages {
		messages[i] = request()
	}
	transport := credentials.NewTLS(&tls.Config{RootCAs: roots, ServerName: *host})
	var clients []*grpc.ClientConn
	for i := 0; i < *connections; i++ {
		clients = append(clients, must(grpc.NewClient("passthrough:///"+*address, grpc.WithTransportCredentials(transport))))
	}
	ctx := metadata.AppendToOutgoingContext(context.Background(), "authorization", "Bearer "+token)
	ask := func(client *grpc.ClientConn, number int) []string {
		var answer []byte
		if err := client.Invoke(ctx, method, messages[number%len(messages)], &answer); err != nil {
			fail(err)
		}
		return must(chain(answer))
	}
	// Handshakes and the token's review come before the clock starts.
	for _, client := range clients {
		if err := verify(ask(client, 0), roots); err != nil {
			fail(err)
		}
	}
	var group sync.WaitGroup
	var lock sync.Mutex
	var times []time.Duration
	start := time.Now()
	end := start.Add(time.Duration(*seconds * float64(time.Second)))
	for i, client := range clients {
		for j := 0; j < *concurrency; j++ {
			group.Add(1)
			go func() {
				defer group.Done()
				var own []time.Duration
				for number := i**concurrency + j; ; number++ {
					before := time.Now()
					if before.After(end) {
						break
					}
					texts := ask(client, number)
					own = append(own, time.Since(before))
					if len(own)%500 == 1 {
						if err := verify(texts, roots); err != nil {
							fail(err)
						}
					}
				}
				lock.Lock()
				times = append(times, own...)
				lock.Unlock()
			}()
		}
	}
	group.Wait()
	wall := time.Since(start).Seconds()
	sort.Slice(times, func(i, j int) bool { return times[i] < times[j] })
	json.NewEncoder(os.Stdout).Encode(map[string]any{
		"count": len(times), "seconds": wall, "p50": times[len(times)/2].Seconds(),
		"p99": times[len(times)*99/100].Seconds(),
	})
}
