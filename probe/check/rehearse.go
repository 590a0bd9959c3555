package check

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"

	"costping/probe"
	"costping/probe/simulator"
	"costping/probe/stats"
)

// Rehearsal answers as a scripted model would, without a server and without time: for
// a past that nobody has measured. What it gives is graded as any answer is.
type Rehearsal struct {
	script simulator.Script
	answer func(simulator.Asked) (simulator.Known, bool)

	mu  sync.Mutex
	rng *rand.Rand
}

// Rehearsals are those of scripts, by model. The same seed gives the same answers. The
// right answer to what several are asked is worked out once.
func Rehearsals(scripts []simulator.Script, seed uint64) map[string]*Rehearsal {
	all := map[string]*Rehearsal{}
	known := onceEach(Known)
	for _, s := range scripts {
		all[s.Model] = &Rehearsal{script: s, answer: known, rng: simulator.RequestRand(seed, s.Model+" rehearsal", 0)}
	}
	return all
}

// onceEach remembers what was known of a request.
func onceEach(know func(simulator.Asked) (simulator.Known, bool)) func(simulator.Asked) (simulator.Known, bool) {
	type found struct {
		simulator.Known
		ok bool
	}
	var mu sync.Mutex
	before := map[string]found{}
	return func(a simulator.Asked) (simulator.Known, bool) {
		var key strings.Builder
		for _, m := range a.Messages {
			key.WriteString(m.Role + "\x00" + m.Text + "\x00")
		}
		mu.Lock()
		defer mu.Unlock()
		f, there := before[key.String()]
		if !there {
			f.Known, f.ok = know(a)
			before[key.String()] = f
		}
		return f.Known, f.ok
	}
}

// Ask implements probe.Asker. A question that this package does not ask has no answer.
func (r *Rehearsal) Ask(_ context.Context, q probe.Question) probe.Reply {
	reply := probe.Reply{Sample: probe.Sample{Target: q.Target, Profile: q.Kind, Cap: q.MaxTokens, Flags: probe.Scripted}, Finish: "stop"}
	asked := simulator.Asked{}
	for _, m := range q.Messages {
		asked.Messages = append(asked.Messages, simulator.AskedMessage{Role: m.Role, Text: m.Text})
	}
	for _, t := range q.Tools {
		asked.Tools = append(asked.Tools, t.Name)
	}
	known, ok := r.answer(asked)
	if !ok {
		reply.Sample.Outcome, reply.Sample.Error = probe.BadRequest, "the rehearsal does not know what is asked"
		return reply
	}
	r.mu.Lock()
	said := r.script.Quality.Rehearse(r.rng, known, asked.Tools, q.Schema != nil, 0)
	r.mu.Unlock()
	reply.Sample.Outcome, reply.Text, reply.Refusal = probe.OK, said.Text, said.Refusal
	for i, c := range said.Calls {
		reply.Calls = append(reply.Calls, probe.ToolCall{ID: fmt.Sprintf("call_%d", i+1), Name: c.Name, Arguments: c.Arguments})
	}
	switch {
	case said.Cut:
		reply.Finish = "length"
	case reply.Calls != nil:
		reply.Finish = "tool_calls"
	case reply.Text == "" && reply.Refusal == "":
		reply.Sample.Outcome = probe.Empty
	}
	return reply
}

// RehearseRecall is the grid that a scripted model would give, as RunContext measures
// it, without the texts: each request finds its fact as likely as the script says.
func RehearseRecall(target probe.Target, s simulator.Script, g Grid) *RecallTally {
	t := &RecallTally{Target: target, Grid: g, Unanswered: map[probe.Outcome]int{}}
	rng := simulator.RequestRand(g.Seed, s.Model+" recall", 0)
	for _, length := range g.Lengths {
		row := RecallRow{Asked: length, Tokens: probe.Known(int64(length)), Recall: make([]stats.Rate, len(g.Depths))}
		for d, depth := range g.Depths {
			hits := 0
			for range g.Each {
				if rng.Float64() < s.Quality.Recall.Chance(length, depth) {
					hits++
				}
			}
			row.Recall[d] = stats.RateOf(hits, g.Each)
		}
		t.Rows, t.Requests = append(t.Rows, row), t.Requests+g.Each*len(g.Depths)
		if t.Rows[len(t.Rows)-1].Fails() {
			t.Stopped = "recall is under the floor"
			break
		}
	}
	t.Rows = slices.Clip(t.Rows)
	return t
}
