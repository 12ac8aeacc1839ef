// Command load is many proxies that connect to one xDS server, each over a connection of its own, as Envoys do.
//
//	load -address 127.0.0.1:15010 -streams 200 -namespaces 50 -mode delta
//
// Every stream subscribes as a sidecar does (clusters, then their endpoints, listeners, then their routes) and
// acknowledges everything. Once all have everything it prints one line of JSON; then it obeys lines on standard input:
//
//	await TYPE NAME   the next time each stream gets the resource NAME of that type; one line of JSON once all have it
//	await TYPE *      the same for any resource of the type
//	dump FOLDER       what one stream of each namespace holds, as files NAMESPACE.pb, each a DiscoveryResponse
//	quit
//
// It reads as little of the messages as it needs, so that it leaves the machine to the server.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
)

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
	address    = flag.String("address", "127.0.0.1:15010", "of the server")
	streams    = flag.Int("streams", 200, "how many proxies")
	namespaces = flag.Int("namespaces", 50, "how many namespaces they are spread over")
	mode       = flag.String("mode", "delta", "delta or sotw")
	services   = flag.Int("services", 1000, "how many services there are: app labels are chosen among them")
	limit      = flag.Duration("limit", 5*time.Minute, "how long the first sync may take")
)

// report is what one proxy got until it had everything.
type report struct {
	wall      time.Duration
	bytes     int
	resources int
	messages  int
}

// awaited is a resource that somebody waits for on every stream.
type awaited struct {
	kind, name string
	since      time.Time
	times      chan time.Duration
}

type loadClient struct {
	lock    sync.RWMutex
	awaited *awaited
	names   dependents
	streams []*proxy
}

func main() {
	flag.Parse()
	encoding.RegisterCodecV2(raw{})
	client := &loadClient{names: dependents{byResource: map[string][]string{}}}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	start := time.Now()
	synced := make(chan *proxy, *streams)
	failed := make(chan error, *streams)
	for i := 0; i < *streams; i++ {
		p := newProxy(client, i)
		client.streams = append(client.streams, p)
		go func() {
			connection, err := grpc.NewClient("passthrough:///"+*address,
				grpc.WithTransportCredentials(insecure.NewCredentials()),
				grpc.WithInitialWindowSize(16<<20), grpc.WithInitialConnWindowSize(24<<20),
				grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(1<<30)))
			if err == nil {
				err = p.run(ctx, connection, synced)
			}
			if ctx.Err() == nil {
				failed <- fmt.Errorf("stream %d: %w", p.number, err)
			}
		}()
	}
	deadline := time.After(*limit)
	for done := 0; done < *streams; done++ {
		select {
		case <-synced:
		case err := <-failed:
			fail(err)
		case <-deadline:
			fail(fmt.Errorf("%d of %d proxies had everything after %s: %s", done, *streams, *limit, client.waiting()))
		}
	}
	client.print(time.Since(start))
	go func() { fail(<-failed) }()
	client.obey()
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "error:", err)
	os.Exit(1)
}

func (c *loadClient) waiting() string {
	for _, p := range c.streams {
		if text := p.missing(); text != "" {
			return text
		}
	}
	return ""
}

func (c *loadClient) print(wall time.Duration) {
	var walls []time.Duration
	var bytes, resources, messages int
	for _, p := range c.streams {
		r := p.first
		walls = append(walls, r.wall)
		bytes += r.bytes
		resources += r.resources
		messages += r.messages
	}
	say(map[string]any{
		"event": "synced", "seconds": wall.Seconds(), "streamSeconds": quantiles(walls),
		"bytesPerStream": bytes / len(walls), "resourcesPerStream": resources / len(walls),
		"messagesPerStream": float64(messages) / float64(len(walls)),
	})
}

func (c *loadClient) obey() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		switch {
		case len(words) == 3 && words[0] == "await":
			c.await(words[1], words[2])
		case len(words) == 2 && words[0] == "dump":
			c.dump(words[1])
		case len(words) == 1 && words[0] == "quit":
			return
		default:
			fail(fmt.Errorf("cannot obey %q", lines.Text()))
		}
	}
}

func (c *loadClient) await(kind, name string) {
	a := &awaited{kind: kind, name: name, since: time.Now(), times: make(chan time.Duration, len(c.streams))}
	for _, p := range c.streams {
		p.seen.Store(false)
	}
	c.lock.Lock()
	c.awaited = a
	c.lock.Unlock()
	say(map[string]any{"event": "awaiting"})
	var times []time.Duration
	deadline := time.After(time.Minute)
	for len(times) < len(c.streams) {
		select {
		case t := <-a.times:
			times = append(times, t)
		case <-deadline:
			var missing []string
			for _, p := range c.streams {
				if !p.seen.Load() && len(missing) < 8 {
					missing = append(missing, fmt.Sprintf("%d in %s", p.number, p.namespace))
				}
			}
			fail(fmt.Errorf("%d of %d proxies got %s %s within a minute; not so %s", len(times), len(c.streams), kind,
				name, strings.Join(missing, ", ")))
		}
	}
	unix := float64(a.since.UnixNano()) / 1e9
	say(map[string]any{"event": "arrived", "since": unix, "seconds": quantiles(times), "all": seconds(times)})
}

func (c *loadClient) dump(folder string) {
	known := map[string]bool{}
	for _, p := range c.streams {
		if known[p.namespace] {
			continue
		}
		known[p.namespace] = true
		if err := os.WriteFile(filepath.Join(folder, p.namespace+".pb"), p.held(), 0o644); err != nil {
			fail(err)
		}
	}
	say(map[string]any{"event": "dumped", "namespaces": len(known)})
}

func seconds(times []time.Duration) []float64 {
	all := make([]float64, len(times))
	for i, t := range times {
		all[i] = t.Seconds()
	}
	return all
}

func quantiles(times []time.Duration) map[string]float64 {
	sort.Slice(times, func(i, j int) bool { return times[i] < times[j] })
	at := func(share float64) float64 { return times[int(share*float64(len(times)-1))].Seconds() }
	return map[string]float64{"p50": at(0.5), "p99": at(0.99), "max": at(1)}
}

func say(value any) {
	text, err := json.Marshal(value)
	if err != nil {
		fail(err)
	}
	fmt.Println(string(text))
}
