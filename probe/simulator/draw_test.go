package simulator

import (
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// scripts draws any script that Validate accepts.
func scripts() *rapid.Generator[Script] {
	distribution := rapid.Custom(func(t *rapid.T) Distribution {
		return LogNormal(
			time.Duration(rapid.Int64Range(0, int64(maxDraw)).Draw(t, "median")),
			rapid.Float64Range(0, maxLogSD).Draw(t, "sd"))
	})
	fault := rapid.Custom(func(t *rapid.T) Fault {
		return Fault{
			Kind: rapid.SampledFrom([]FaultKind{
				FaultBadRequest, FaultUnauthorized, FaultNotFound, FaultRateLimited, FaultServerError, FaultUnavailable,
				FaultCutBeforeHeaders, FaultHTMLPage, FaultHang, FaultCutMidStream, FaultErrorEvent,
			}).Draw(t, "kind"),
			Probability: rapid.Float64Range(0, 0.2).Draw(t, "probability"),
			After:       rapid.IntRange(NoEvents, 12).Draw(t, "after"),
		}
	})
	return rapid.Custom(func(t *rapid.T) Script {
		return Script{
			Model:          "m",
			TTFT:           distribution.Draw(t, "ttft"),
			Gap:            distribution.Draw(t, "gap"),
			TokensPerEvent: rapid.IntRange(0, 9).Draw(t, "per event"),
			DefaultTokens:  rapid.IntRange(0, 300).Draw(t, "default"),
			NaturalTokens:  rapid.IntRange(0, 300).Draw(t, "natural"),
			MaxTokens:      rapid.IntRange(0, 300).Draw(t, "max"),
			Reasoning:      Reasoning{Tokens: rapid.IntRange(0, 60).Draw(t, "reasoning"), Hidden: rapid.Bool().Draw(t, "hidden")},
			RoleFirst:      rapid.Bool().Draw(t, "role first"),
			RoleAt:         rapid.Float64Range(0, 1).Draw(t, "role at"),
			Faults:         rapid.SliceOfN(fault, 0, 4).Draw(t, "faults"),
			Incidents: []Incident{{
				Lasts: time.Minute, Every: 2 * time.Minute,
				TTFTFactor: rapid.Float64Range(0, 1000).Draw(t, "ttft factor"),
				GapFactor:  rapid.Float64Range(0, 1000).Draw(t, "gap factor"),
				Faults:     rapid.SliceOfN(fault, 0, 2).Draw(t, "more faults"),
			}},
		}
	})
}

// The laws that every plan keeps.
func TestDraw(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		script := scripts().Draw(t, "script")
		if err := script.Validate(); err != nil {
			t.Fatal(err)
		}
		seed := rapid.Uint64().Draw(t, "seed")
		at := time.Duration(rapid.Int64Range(-int64(time.Hour), int64(time.Hour)).Draw(t, "at"))
		requested := rapid.IntRange(0, 400).Draw(t, "requested")
		draw := func() Plan { return Draw(script, RequestRand(seed, "m", 0), at, requested) }

		plan := draw()
		if again := draw(); !reflect.DeepEqual(plan, again) {
			t.Fatalf("same arguments, other plan:\n%+v\n%+v", plan, again)
		}
		if plan.TTFT < 0 || plan.Headers < 0 || plan.Headers > plan.TTFT || plan.FaultAt < 0 {
			t.Fatalf("instants out of order: %+v", plan)
		}
		headers := plan.TTFT
		if plan.RoleFirst {
			headers = time.Duration(float64(plan.TTFT) * script.RoleAt)
		}
		if plan.Headers != headers || plan.TTFT > maxDraw {
			t.Fatalf("headers at %v of %v", plan.Headers, plan.TTFT)
		}
		previous, answering := plan.TTFT, false
		for i, e := range plan.Events {
			if i == 0 && e.At != plan.TTFT {
				t.Fatalf("first event at %v, not at TTFT %v", e.At, plan.TTFT)
			}
			if e.At < previous || e.Tokens < 1 || e.Tokens > max(1, script.TokensPerEvent) {
				t.Fatalf("event %d: %+v after %v", i, e, previous)
			}
			if e.Reasoning && (answering || script.Reasoning.Hidden) {
				t.Fatalf("event %d: reasoning where there is none", i)
			}
			previous, answering = e.At, !e.Reasoning
		}
		want, finish := script.completion(requested)
		switch {
		case plan.Fault == FaultNone:
			if plan.Tokens() != want || plan.Finish != finish {
				t.Fatalf("%d tokens, finish %q; want %d, %q", plan.Tokens(), plan.Finish, want, finish)
			}
			if r := min(script.Reasoning.Tokens, want); plan.ReasoningTokens() != r {
				t.Fatalf("%d reasoning tokens, want %d", plan.ReasoningTokens(), r)
			}
		case plan.Fault.MidStream():
			if plan.Tokens() > want || plan.Finish != "" || plan.FaultAt < plan.LastToken() {
				t.Fatalf("broken stream: %+v", plan)
			}
		default:
			if len(plan.Events) != 0 || plan.Tokens() != 0 || plan.TTFT != 0 || plan.Finish != "" {
				t.Fatalf("tokens in spite of %s: %+v", plan.Fault, plan)
			}
		}
	})
}

func TestCompletionLength(t *testing.T) {
	for _, c := range []struct {
		name      string
		script    Script
		requested int
		tokens    int
		finish    string
	}{
		{"no cap, nothing scripted", Script{}, 0, 256, FinishStop},
		{"no cap, default", Script{DefaultTokens: 90}, 0, 90, FinishStop},
		{"no cap, natural is shorter", Script{DefaultTokens: 90, NaturalTokens: 40}, 0, 40, FinishStop},
		{"the whole cap is used", Script{DefaultTokens: 90}, 64, 64, FinishLength},
		{"natural below the cap", Script{NaturalTokens: 40}, 64, 40, FinishStop},
		{"natural above the cap", Script{NaturalTokens: 100}, 64, 64, FinishLength},
		{"cap above the longest", Script{}, 1_000_000, 4096, FinishLength},
		{"cap above a scripted longest", Script{MaxTokens: 128}, 129, 128, FinishLength},
	} {
		t.Run(c.name, func(t *testing.T) {
			if tokens, finish := c.script.completion(c.requested); tokens != c.tokens || finish != c.finish {
				t.Errorf("%d, %q; want %d, %q", tokens, finish, c.tokens, c.finish)
			}
		})
	}
}

// Over many requests the draws have the median and the mean they are given; the
// tolerances are about five standard errors of 4,000 draws.
func TestDistribution(t *testing.T) {
	const n = 4000
	for _, c := range []struct {
		name   string
		d      Distribution
		median time.Duration
		mean   time.Duration
		within float64
	}{
		{"constant", Constant(7 * ms), 7 * ms, 7 * ms, 0},
		{"log-normal by median", LogNormal(800*ms, 0.15), 800 * ms, 809 * ms, 0.015},
		{"log-normal by mean", LogNormalMean(10*ms, 0.6), 8353 * time.Microsecond, 10 * ms, 0.06},
	} {
		t.Run(c.name, func(t *testing.T) {
			draws, sum := make([]time.Duration, n), 0.0
			for i := range draws {
				draws[i] = c.d.Draw(RequestRand(1, "m", uint64(i)))
				sum += float64(draws[i])
			}
			slices.Sort(draws)
			near(t, "median drawn", draws[n/2], c.median, c.within)
			near(t, "mean drawn", time.Duration(sum/n), c.mean, c.within)
			near(t, "Mean", c.d.Mean(), c.mean, 0.001)
			near(t, "Quantile(0.5)", c.d.Quantile(0.5), c.median, 0.001)
			near(t, "Quantile(0.95)", c.d.Quantile(0.95), draws[n*95/100], 2.5*c.within)
		})
	}
}

func near(t *testing.T, what string, got, want time.Duration, within float64) {
	t.Helper()
	if off := math.Abs(float64(got-want)) / float64(want); off > within {
		t.Errorf("%s is %v, want %v within %.1f %%", what, got, want, 100*within)
	}
}

// Bundling must not change how long the tokens after the first event take.
func TestBundlingKeepsThroughput(t *testing.T) {
	for _, per := range []int{1, 4, 16} {
		plan := Draw(Script{Gap: Constant(10 * ms), TokensPerEvent: per}, RequestRand(1, "m", 0), 0, 160)
		if events := len(plan.Events); events != 160/per {
			t.Errorf("%d per event: %d events", per, events)
		}
		if took, want := plan.LastToken()-plan.TTFT, time.Duration(160-per)*10*ms; took != want {
			t.Errorf("%d per event: %v for the tokens after the first event, want %v", per, took, want)
		}
	}
}

// Each fault comes as often as its share says; tolerances of about five standard
// errors.
func TestFaultMix(t *testing.T) {
	const n = 4000
	mix := []Fault{
		{Kind: FaultRateLimited, Probability: 0.1},
		{Kind: FaultCutMidStream, Probability: 0.3},
		{Kind: FaultHang, Probability: 0.05},
	}
	count := map[FaultKind]int{}
	for i := range uint64(n) {
		count[Draw(Script{Faults: mix}, RequestRand(3, "m", i), 0, 4).Fault]++
	}
	for kind, share := range map[FaultKind]float64{
		FaultRateLimited: 0.1, FaultCutMidStream: 0.3, FaultHang: 0.05, FaultNone: 0.55,
	} {
		if got := float64(count[kind]) / n; math.Abs(got-share) > 0.04 {
			t.Errorf("%q: %.3f, want %.3f", kind, got, share)
		}
	}
}

func TestBreakOff(t *testing.T) {
	script := Script{TTFT: Constant(100 * ms), Gap: Constant(10 * ms)}
	for _, c := range []struct {
		name   string
		after  int
		cap    int
		events int
		at     time.Duration
	}{
		{"before the first token", NoEvents, 8, 0, 100 * ms},
		{"when the fourth was due", 3, 8, 3, 130 * ms},
		{"after all of them", 8, 8, 8, 170 * ms},
		{"more than there are", 99, 8, 8, 170 * ms},
		{"drawn, of one", 0, 1, 1, 100 * ms},
	} {
		t.Run(c.name, func(t *testing.T) {
			script.Faults = []Fault{{Kind: FaultCutMidStream, Probability: 1, After: c.after}}
			plan := Draw(script, RequestRand(1, "m", 0), 0, c.cap)
			if len(plan.Events) != c.events || plan.FaultAt != c.at {
				t.Errorf("%d events, fault at %v; want %d, %v", len(plan.Events), plan.FaultAt, c.events, c.at)
			}
		})
	}
	t.Run("drawn, of many", func(t *testing.T) {
		script.Faults = []Fault{{Kind: FaultErrorEvent, Probability: 1}}
		seen := map[int]bool{}
		for i := range uint64(300) {
			seen[len(Draw(script, RequestRand(1, "m", i), 0, 5).Events)] = true
		}
		if want := map[int]bool{1: true, 2: true, 3: true, 4: true}; !reflect.DeepEqual(seen, want) {
			t.Errorf("events before the fault: %v, want 1 to 4", seen)
		}
	})
}

// An incident slows the very request that would have been, and adds its faults
// after the script's own.
func TestIncidentScales(t *testing.T) {
	script := Script{
		TTFT: LogNormal(100*ms, 0.3), Gap: LogNormal(10*ms, 0.3),
		Incidents: []Incident{{Offset: time.Hour, Lasts: time.Minute, TTFTFactor: 2, GapFactor: 3}},
	}
	for i := range uint64(50) {
		before := Draw(script, RequestRand(1, "m", i), 0, 8)
		within := Draw(script, RequestRand(1, "m", i), time.Hour, 8)
		near(t, "TTFT", within.TTFT, 2*before.TTFT, 1e-6)
		near(t, "decode", within.LastToken()-within.TTFT, 3*(before.LastToken()-before.TTFT), 1e-6)
	}
	script.Incidents[0].Faults = []Fault{{Kind: FaultUnavailable, Probability: 1}}
	if got := Draw(script, RequestRand(1, "m", 0), time.Hour, 8).Fault; got != FaultUnavailable {
		t.Errorf("within the incident: %q", got)
	}
	if got := Draw(script, RequestRand(1, "m", 0), 2*time.Hour, 8).Fault; got != FaultNone {
		t.Errorf("after it: %q", got)
	}
	script.Faults = []Fault{{Kind: FaultServerError, Probability: 1}}
	if got := Draw(script, RequestRand(1, "m", 0), time.Hour, 8).Fault; got != FaultServerError {
		t.Errorf("the script's own fault became %q", got)
	}
	if len(script.Faults) != 1 {
		t.Error("Draw changed the script")
	}
}

func TestIncidentActive(t *testing.T) {
	once := Incident{Offset: -2 * time.Hour, Lasts: time.Hour}
	daily := Incident{Offset: -2 * time.Hour, Lasts: time.Hour, Every: 24 * time.Hour}
	for _, c := range []struct {
		name     string
		incident Incident
		at       time.Duration
		want     bool
	}{
		{"before", once, -2*time.Hour - 1, false},
		{"at its start", once, -2 * time.Hour, true},
		{"just before its end", once, -time.Hour - 1, true},
		{"at its end", once, -time.Hour, false},
		{"once means once", once, 22 * time.Hour, false},
		{"no occurrence precedes the offset", daily, -26 * time.Hour, false},
		{"first", daily, -90 * time.Minute, true},
		{"between", daily, 0, false},
		{"second", daily, 22 * time.Hour, true},
		{"second ends", daily, 23 * time.Hour, false},
		{"tenth", daily, (22+8*24)*time.Hour + time.Minute, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.incident.Active(c.at); got != c.want {
				t.Errorf("Active(%v) = %v", c.at, got)
			}
		})
	}
}

func TestRequestRand(t *testing.T) {
	seen := map[uint64]string{}
	for seed := range uint64(3) {
		for _, model := range []string{"a", "b"} {
			for n := range uint64(50) {
				v := RequestRand(seed, model, n).Uint64()
				if other, ok := seen[v]; ok {
					t.Fatalf("(%d, %s, %d) draws the same as %s", seed, model, n, other)
				}
				seen[v] = model
			}
		}
	}
}
