package check

import (
	"testing"

	"costping/probe"
	"costping/probe/simulator"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// simulated is a client and a target whose answers have this quality.
func simulated(t testing.TB, script simulator.Script, seed uint64) (*probe.Client, probe.Target, *simulator.Server) {
	t.Helper()
	script.Model = "m"
	server, err := simulator.Start(simulator.Options{Seed: seed, Scripts: []simulator.Script{script}, Know: Known})
	if err != nil {
		t.Fatal(err)
	}
	client := probe.NewClient(probe.Limits{}, nil)
	t.Cleanup(func() {
		client.Close()
		if err := server.Close(); err != nil {
			t.Errorf("closing the simulator: %v", err)
		}
	})
	return client, probe.Target{Name: "t", BaseURL: server.BaseURL(), Model: "m"}, server
}

// tallied runs a series and counts its answers.
func tallied(t testing.TB, a probe.Asker, s Series) (*Tally, []Answer) {
	t.Helper()
	tally := NewTally(s)
	var all []Answer
	tally.GaveUp = Run(t.Context(), a, s, 4, func(answer Answer) {
		tally.Add(answer)
		all = append(all, answer)
	})
	return tally, all
}

// said is a reply with a text.
func said(text string) probe.Reply {
	return probe.Reply{Sample: probe.Sample{Outcome: probe.OK}, Text: text, Finish: "stop"}
}

// called is a reply with calls: name, arguments, name, arguments.
func called(parts ...string) probe.Reply {
	r := probe.Reply{Sample: probe.Sample{Outcome: probe.OK}, Finish: "tool_calls"}
	for i := 0; i < len(parts); i += 2 {
		r.Calls = append(r.Calls, probe.ToolCall{ID: "c", Name: parts[i], Arguments: parts[i+1]})
	}
	return r
}
