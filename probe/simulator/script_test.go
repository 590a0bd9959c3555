package simulator

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Script)
		want   string // in the error; empty: sound
	}{
		{"only a model", func(*Script) {}, ""},
		{"no model", func(s *Script) { s.Model = "" }, "model id"},
		{"negative ttft", func(s *Script) { s.TTFT.Median = -1 }, "ttft"},
		{"endless gap", func(s *Script) { s.Gap.Median = 2 * time.Hour }, "gap"},
		{"NaN spread", func(s *Script) { s.Gap.LogSD = math.NaN() }, "sd of the log"},
		{"wild spread", func(s *Script) { s.TTFT.LogSD = 4 }, "sd of the log"},
		{"negative tokens", func(s *Script) { s.Reasoning.Tokens = -1 }, "reasoning tokens"},
		{"too many tokens", func(s *Script) { s.MaxTokens = tokenLimit + 1 }, "max tokens"},
		{"role after the first token", func(s *Script) { s.RoleAt = 1.1 }, "role at"},
		{"role at NaN", func(s *Script) { s.RoleAt = math.NaN() }, "role at"},
		{"unknown fault", func(s *Script) { s.Faults = []Fault{{Kind: "gremlins", Probability: 0.1}} }, "gremlins"},
		{"nameless fault", func(s *Script) { s.Faults = []Fault{{Probability: 0.1}} }, "unknown fault"},
		{"improbable fault", func(s *Script) { s.Faults = []Fault{{Kind: FaultHang, Probability: 1.1}} }, "probability"},
		{"NaN probability", func(s *Script) { s.Faults = []Fault{{Kind: FaultHang, Probability: math.NaN()}} }, "probability"},
		{"faults past certainty", func(s *Script) {
			s.Faults = []Fault{{Kind: FaultHang, Probability: 0.6}, {Kind: FaultHTMLPage, Probability: 0.6}}
		}, "add up"},
		{"fault before time", func(s *Script) { s.Faults = []Fault{{Kind: FaultHang, Delay: -1}} }, "delays"},
		{"incident without length", func(s *Script) { s.Incidents = []Incident{{}} }, "must last"},
		{"incident overlapping itself", func(s *Script) { s.Incidents = []Incident{{Lasts: 2, Every: 1}} }, "before it repeats"},
		{"incident running backwards", func(s *Script) { s.Incidents = []Incident{{Lasts: 1, GapFactor: -1}} }, "factors"},
		{"incident with an unknown fault", func(s *Script) {
			s.Incidents = []Incident{{Lasts: 1, Faults: []Fault{{Kind: "gremlins"}}}}
		}, "gremlins"},
	} {
		t.Run(c.name, func(t *testing.T) {
			script := quick("m")
			c.change(&script)
			err := script.Validate()
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v; want one about %q", err, c.want)
			}
			if _, startErr := Start(Options{Scripts: []Script{script}}); startErr == nil || startErr.Error() != err.Error() {
				t.Errorf("Start says %v", startErr)
			}
		})
	}
}

// What was published, model by model.
func TestReference(t *testing.T) {
	byModel := map[string]Script{}
	for _, s := range Reference() {
		if err := s.Validate(); err != nil {
			t.Error(err)
		}
		byModel[s.Model] = s
	}
	table := []struct {
		model     string
		ttft      time.Duration
		perSecond float64
		roleFirst bool
	}{
		{"gemini-2.0-flash", 250 * ms, 180, false},
		{"claude-3.5-haiku", 350 * ms, 160, false},
		{"gpt-4o-mini", 380 * ms, 150, true},
		{"claude-3.5-sonnet", 700 * ms, 80, false},
		{"gpt-4o", 800 * ms, 70, true},
		{"gemini-1.5-pro", 1200 * ms, 55, false},
		{"llama-3.1-70b", 600 * ms, 45, true},
		{"gemini-3.5-flash-lite", 320 * ms, 170, false},
	}
	if len(byModel) != len(table) {
		t.Errorf("%d scripts, want %d", len(byModel), len(table))
	}
	for _, c := range table {
		t.Run(c.model, func(t *testing.T) {
			s := byModel[c.model]
			if s.TTFT.Median != c.ttft || s.RoleFirst != c.roleFirst {
				t.Errorf("median TTFT %v, role first %v", s.TTFT.Median, s.RoleFirst)
			}
			near(t, "mean gap", s.Gap.Mean(), time.Duration(1e9/c.perSecond), 0.001)

			// The same as the client will come to: tokens after the first over their time.
			var tokens int
			var took time.Duration
			for i := range uint64(60) {
				plan := Draw(s, RequestRand(9, c.model, i), 0, 64)
				tokens += plan.Tokens() - 1
				took += plan.LastToken() - plan.TTFT
			}
			if speed := float64(tokens) / took.Seconds(); math.Abs(speed/c.perSecond-1) > 0.05 {
				t.Errorf("%.1f tok/s drawn, want %v", speed, c.perSecond)
			}
		})
	}
	if err := ReferenceEmbedding().Validate(); err != nil {
		t.Error(err)
	}
}

// Trouble comes from the open model alone, within incidents, and not at first.
func TestReferenceIncidents(t *testing.T) {
	for _, s := range Reference() {
		if len(s.Faults) > 0 {
			t.Errorf("%s fails outside incidents", s.Model)
		}
		if (len(s.Incidents) > 0) != (s.Model == "llama-3.1-70b") {
			t.Errorf("%s has %d incidents", s.Model, len(s.Incidents))
		}
		active := func(at time.Duration) bool {
			ttft, gap, faults := s.conditions(at)
			return ttft != 1 || gap != 1 || len(faults) > 0
		}
		for at := -3 * time.Hour; at < 3*time.Minute; at += time.Second {
			if active(at) {
				t.Fatalf("%s has trouble at %v", s.Model, at)
			}
		}
		if s.Model != "llama-3.1-70b" {
			continue
		}
		var day, soon time.Duration
		for at := -24 * time.Hour; at < 0; at += time.Minute {
			if active(at) {
				day += time.Minute
			}
		}
		for at := time.Duration(0); at < time.Hour; at += time.Second {
			if active(at) {
				soon += time.Second
			}
		}
		if day != 5*time.Hour {
			t.Errorf("the day before holds %v of trouble, want 5h", day)
		}
		if soon < 5*time.Minute || soon > 10*time.Minute {
			t.Errorf("the first hour holds %v of trouble", soon)
		}
	}
}
