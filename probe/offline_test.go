package probe

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// What becomes of the samples of one pass of three hosts and one on loopback.
func TestClientOffline(t *testing.T) {
	down, up := Sample{Outcome: Network}, Sample{Outcome: OK, Status: 200}
	for _, tc := range []struct {
		name    string
		remote  []Sample // one host each
		local   Sample
		flagged int
	}{
		{"all are down", []Sample{down, down, down}, up, 3},
		{"and the local one too", []Sample{down, down}, down, 2},
		{"one answers", []Sample{down, up, down}, up, 0},
		{"one answers with an error", []Sample{down, down, {Outcome: ServerError, Status: 500}}, up, 0},
		{"one asks for a key", []Sample{{Outcome: Auth, Status: 401}, down, down}, up, 0},
		{"one takes too long", []Sample{down, {Outcome: Timeout}, down}, up, 0},
		{"one has no time", []Sample{down, down, {Outcome: Skipped}}, up, 2},
		{"one is cancelled", []Sample{down, down, {Outcome: Cancelled}}, up, 0},
		{"there is but one", []Sample{down}, up, 0},
		{"one of two is skipped", []Sample{down, {Outcome: Skipped}}, up, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				all := append(remote(len(tc.remote)), targets(1)...)
				all[len(tc.remote)].Name = "local"
				given := map[string]Sample{"local": tc.local}
				for i, s := range tc.remote {
					given[all[i].Name] = s
				}
				prober := &answers{answer: func(_ context.Context, a Attempt, _ int) Sample { return given[a.Target.Name] }}
				sink := &fakeSink{}
				s := &Schedule{Targets: all, Interval: time.Minute, Prober: prober, Sink: sink}
				runFor(t, s, time.Minute+defaultLead)
				flagged := 0
				for _, one := range sink.got {
					if one.Flags.Has(ClientOffline) {
						flagged++
					}
					if one.Flags.Has(ClientOffline) && (one.Outcome != Network || one.Target.Name == "local") {
						t.Errorf("flagged: %+v", one)
					}
				}
				if flagged != tc.flagged || len(sink.got) != len(all) {
					t.Errorf("%d of %d samples flagged, want %d of %d", flagged, len(sink.got), tc.flagged, len(all))
				}
			})
		})
	}
}

// Two ports of one machine are one host.
func TestRemoteHost(t *testing.T) {
	for url, want := range map[string]string{
		"https://API.example/v1": "api.example", "https://api.example:8443/v1": "api.example",
		"http://127.0.0.1:1/v1": "", "http://localhost/v1": "", "http://[2001:db8::1]:1/v1": "2001:db8::1", "http://%zz": "",
	} {
		if got := remoteHost(Target{BaseURL: url}); got != want {
			t.Errorf("%s: %q", url, got)
		}
	}
}

// A failure is held while it may yet turn out that this machine is offline, and
// kept as it is once a host has answered, or the program ends.
func TestNetworkFailuresAreHeld(t *testing.T) {
	for name, answered := range map[string]bool{"another host answers": true, "another host hangs": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				takes := time.Hour
				if answered {
					takes = 0
				}
				prober := &answers{answer: func(ctx context.Context, a Attempt, _ int) Sample {
					switch {
					case a.Target.Name != "t2":
						return Sample{Outcome: Network}
					case !sleepUntil(ctx, time.Now().Add(takes)):
						return Sample{Outcome: Cancelled}
					}
					return Sample{Outcome: OK, Status: 200}
				}}
				sink := &fakeSink{}
				ctx, cancel := context.WithTimeout(t.Context(), 12*time.Minute)
				defer cancel()
				s := &Schedule{Targets: remote(3), Interval: 10 * time.Minute, Prober: prober, Sink: sink}
				ended := make(chan error)
				go func() { ended <- s.Run(ctx) }()
				time.Sleep(defaultLead + s.Interval - time.Second) // all of the first pass have been sent
				synctest.Wait()
				if kept := len(sink.all()); (kept > 0) != answered {
					t.Errorf("%d samples were kept before the pass had ended", kept)
				}
				if err := <-ended; err != nil {
					t.Fatal(err)
				}
				if sent := prober.total(); sent < 3 || len(sink.got) < sent {
					t.Errorf("%d samples of %d probes", len(sink.got), sent)
				}
				for _, one := range sink.got {
					if one.Flags.Has(ClientOffline) {
						t.Errorf("flagged: %+v", one)
					}
				}
			})
		})
	}
}

// A pass that is cut short says nothing of the hosts that had no turn in it.
func TestPassCutShortIsNotOffline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		prober := &answers{answer: func(context.Context, Attempt, int) Sample { return Sample{Outcome: Network} }}
		sink := &fakeSink{}
		s := &Schedule{Targets: remote(3), Interval: 3 * time.Minute, Prober: prober, Sink: sink}
		runFor(t, s, defaultLead+2*time.Minute) // just before the third
		if len(sink.got) != 2 || sink.got[0].Flags.Has(ClientOffline) || sink.got[1].Flags.Has(ClientOffline) {
			t.Errorf("got %+v", sink.got)
		}
	})
}

// Whatever ends how and in which order: every sample comes out once, and flagged
// only where every host that was tried failed.
func TestGatheringLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := append(remote(4), targets(1)...)
		var out []Sample
		turns := rapid.IntRange(1, 12).Draw(t, "turns")
		g := watchNetwork(turns, 4, func(s Sample) { out = append(out, s) })
		in, hosts, proof := 0, map[string]bool{}, false
		for range turns {
			target := rapid.SampledFrom(all).Draw(t, "target")
			switch outcome := rapid.SampledFrom([]Outcome{0, Cancelled, OK, Network, Network, Network, Skipped}).Draw(t, "outcome"); outcome {
			case 0: // left alone
			case Cancelled:
				proof = true
				g.cut()
			default:
				in++
				g.take(target, Sample{Target: target, Outcome: outcome})
				proof = proof || outcome == OK && !target.Loopback()
				if outcome == Network && !target.Loopback() {
					hosts[target.Name] = true
				}
			}
			g.leave()
		}
		flagged := 0
		for _, s := range out {
			if s.Flags.Has(ClientOffline) {
				flagged++
			}
		}
		if offline := !proof && len(hosts) >= 2; len(out) != in || (flagged > 0) != offline {
			t.Fatalf("%d in, %d out, %d flagged; offline %v", in, len(out), flagged, offline)
		}
	})
}
