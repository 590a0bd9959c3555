package simulator

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

// BenchmarkPrecision reports how late token events are, by the server's log (sent)
// and at a bare reader of lines in the same process (arrived), with this many
// streams of 150 tokens a second at once. One operation is one round of streams
// of 64 tokens.
//
//	go test -run '^$' -bench Precision -benchtime 10x ./probe/simulator
func BenchmarkPrecision(b *testing.B) {
	for _, streams := range []int{1, 8, 50} {
		b.Run(fmt.Sprintf("streams=%d", streams), func(b *testing.B) {
			const tokens = 64
			var scripts []Script
			for i := range streams {
				scripts = append(scripts, Script{
					Model: fmt.Sprint(i), TTFT: LogNormal(100*ms, 0.15), Gap: LogNormalMean(time.Second/150, 0.3),
				})
			}
			server := start(b, Options{Seed: 1, Scripts: scripts, LogEvents: true})
			c := client(b)
			var mu sync.Mutex
			var arrived, sent, first []time.Duration
			round := uint64(0)
			for b.Loop() {
				var wait sync.WaitGroup
				for _, script := range scripts {
					wait.Go(func() {
						r := post(b, c, server.BaseURL()+"/chat/completions",
							fmt.Sprintf(`{"model":%q,"stream":true,"max_tokens":%d,%s}`, script.Model, tokens, hello))
						plan := Draw(script, RequestRand(1, script.Model, round), 0, tokens)
						mu.Lock()
						defer mu.Unlock()
						for i, e := range plan.Events {
							arrived = append(arrived, r.arrived[i]-e.At)
						}
					})
				}
				wait.Wait()
				round++
			}
			numbers := map[string]uint64{}
			for _, record := range server.Sent() {
				var script Script
				for _, s := range scripts {
					if s.Model == record.Model {
						script = s
					}
				}
				plan := Draw(script, RequestRand(1, record.Model, numbers[record.Model]), 0, tokens)
				numbers[record.Model]++
				for i, offset := range record.EventOffsets {
					sent = append(sent, offset-plan.Events[i].At)
				}
				first = append(first, record.FirstToken-plan.TTFT)
			}
			for name, late := range map[string][]time.Duration{"sent": sent, "arrived": arrived, "first": first} {
				slices.Sort(late)
				b.ReportMetric(micro(late[len(late)/2]), name+"-p50-µs")
				b.ReportMetric(micro(late[len(late)*99/100]), name+"-p99-µs")
			}
		})
	}
}

func micro(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// BenchmarkDraw is what seeding a day of history costs: one plan of 64 tokens.
func BenchmarkDraw(b *testing.B) {
	script := Reference()[0]
	b.ReportAllocs()
	for n := uint64(0); b.Loop(); n++ {
		Draw(script, RequestRand(1, script.Model, n), 0, 64)
	}
}
