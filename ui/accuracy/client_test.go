package accuracy

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"costping/probe"
)

// run is one row of BenchmarkClient: each side takes turns, in each of which
// every stream makes so many requests for answers of so many tokens.
type run struct {
	streams, tokens int
	turns, requests int
	together        bool // headers come with the first token
	inProcess       bool // the simulator is in this process too
	busy            int  // goroutines that compute all the while
	threads         int  // GOMAXPROCS; 0 for the program's
}

// runs give 441 samples for a p99 where that is to be had in time: with short
// answers where streams are few. The long answers are those of the usual
// profile, and what a rate can be judged by.
var runs = []run{
	{streams: 1, tokens: 2, turns: 3, requests: 147},
	{streams: 1, tokens: 128, turns: 2, requests: 3},
	{streams: 8, tokens: 16, turns: 4, requests: 14},
	{streams: 8, tokens: 128, turns: 2, requests: 2},
	{streams: 50, tokens: 128, turns: 3, requests: 3},
	{streams: 200, tokens: 128, turns: 2, requests: 2},
	{streams: 8, tokens: 16, turns: 2, requests: 7, together: true},
	{streams: 8, tokens: 16, turns: 2, requests: 7, together: true, inProcess: true},
	{streams: 8, tokens: 16, turns: 2, requests: 7, busy: 2, threads: 2},
	{streams: 8, tokens: 16, turns: 2, requests: 7, busy: 2},
}

func (r run) String() string {
	name := fmt.Sprintf("streams=%d,tokens=%d", r.streams, r.tokens)
	if r.together {
		name += ",headers-with-token"
	}
	if r.inProcess {
		name += ",one-process"
	}
	if r.busy > 0 {
		name += fmt.Sprintf(",busy=%d", r.busy)
	}
	if r.threads > 0 {
		name += fmt.Sprintf(",GOMAXPROCS=%d", r.threads)
	}
	return name
}

// BenchmarkClient compares the client with a bare reader of lines. One operation
// is all turns of a run; all runs take a little under three minutes.
//
//	go test -run '^$' -bench Client ./ui/accuracy
//	go test -run '^$' -bench Client/streams=50 -benchtime 5x ./ui/accuracy
func BenchmarkClient(b *testing.B) {
	var rows []row
	for _, r := range runs {
		b.Run(r.String(), func(b *testing.B) { rows = append(rows, r.measure(b)) })
	}
	fmt.Print(table("Against the server's log, 100 tokens a second a stream", rows))
}

func (r run) measure(b *testing.B) row {
	threads(b, r.threads)
	start := elsewhere
	if r.inProcess {
		start = here
	}
	w := start(b, setup{Streams: r.streams, Together: r.together})
	client, floor := sides(b, r.together)
	k, targets := newBook(), w.targets()
	k.warm(b.Context(), client, targets)
	k.warm(b.Context(), floor, targets)
	profile := profileOf(r.tokens)
	spread := firstToken + time.Duration(r.tokens)*gap
	if r.streams == 1 {
		spread = 0
	}
	rest := keepBusy(r.busy)
	for b.Loop() {
		for turn := range r.turns {
			order := []*side{client, floor}
			if turn%2 == 1 { // neither is always first
				order[0], order[1] = order[1], order[0]
			}
			for _, s := range order {
				k.turn(s, func() { k.stream(b.Context(), noted{s, k, false}, targets, profile, r.requests, spread) })
			}
		}
	}
	rest()
	if r.busy > 0 { // what was used is not the readers'
		client.turns, floor.turns = nil, nil
	}
	line := k.row(b, w, r.String(), client, floor)
	line.report(b)
	return line
}

// keepBusy computes on so many goroutines until the returned function is called.
func keepBusy(goroutines int) (rest func()) {
	var enough atomic.Bool
	var busy sync.WaitGroup
	for range goroutines {
		busy.Go(func() {
			for !enough.Load() {
			}
		})
	}
	return func() {
		enough.Store(true)
		busy.Wait()
	}
}

// sides are the client as the program makes it and the bare reader.
func sides(b testing.TB, together bool) (client, floor *side) {
	c, bare := probe.NewClient(probe.Limits{}, nil), newBareReader(together)
	b.Cleanup(c.Close)
	b.Cleanup(bare.close)
	return &side{name: "client", prober: c}, &side{name: "bare reader", prober: bare}
}

// row compares two sides once their turns are over.
func (k *book) row(b *testing.B, w world, what string, client, floor *side) row {
	b.Helper()
	k.check(b)
	of, err := errorsOf(w.account(b), k.byStream)
	if err != nil {
		b.Fatal(err)
	}
	r := row{what: what, client: of[client], floor: of[floor]}
	r.client.costs(client.turns)
	r.floor.costs(floor.turns)
	return r
}
