package costmodel

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const chooseDay = "2026-11-20"

// chatModels are the candidates of a choice without targets: the chat models that
// can be had on the day, at 10M tokens a day, 75/25.
func chatModels(t testing.TB) []Candidate {
	t.Helper()
	var list []Candidate
	for _, m := range Default().Models() {
		if m.Kind == Chat && !m.RetiredOn(date(t, chooseDay)) {
			list = append(list, candidate(t, m.ID))
		}
	}
	return list
}

func candidate(t testing.TB, id string) Candidate {
	t.Helper()
	m := lookup(t, id)
	return Candidate{Name: id, Model: m, Spend: Project(m.PriceOn(date(t, chooseDay)), benchmarkWorkload())}
}

func candidates(t testing.TB, ids ...string) []Candidate {
	t.Helper()
	list := make([]Candidate, len(ids))
	for i, id := range ids {
		list[i] = candidate(t, id)
	}
	return list
}

func question(t testing.TB, task string, q Constraints) Question {
	t.Helper()
	found, err := DefaultAdvice().Task(task)
	if err != nil {
		t.Fatal(err)
	}
	return Question{Task: found, Constraints: q, Today: date(t, chooseDay)}
}

func choose(t testing.TB, task string, q Constraints, list []Candidate) Choice {
	t.Helper()
	return DefaultAdvice().Choose(Default(), question(t, task, q), list)
}

func names(places []Place) string {
	var ids []string
	for _, p := range places {
		ids = append(ids, p.Name)
	}
	return strings.Join(ids, " ")
}

func of(v float64) *float64 { return &v }

// Of nothing but the matrix, each task has its first choice and its fallback, or
// what succeeds them, and then the others by cost.
func TestTheSevenTasks(t *testing.T) {
	all := chatModels(t)
	cheapest := slices.MinFunc(all, func(a, b Candidate) int { return compareSpend(a.Spend, b.Spend) }).Name
	for task, want := range map[string]string{
		"interactive-agent":     "claude-sonnet-5-5 gpt-4o",
		"structured-extraction": "gpt-4o claude-sonnet-5-5",
		"batch":                 "llama-3.1-70b gemini-3.8-flash",
		"classification":        "gemini-3.8-flash gpt-4o-mini",
		"long-context":          "claude-sonnet-5-5 gemini-3.1-pro-preview",
		"code":                  "claude-sonnet-5-5 gpt-4o",
		"chat":                  "gemini-3.8-flash claude-haiku-5-5",
	} {
		c := choose(t, task, Constraints{}, all)
		if got := names(c.Ranking[:3]); got != want+" "+cheapest || len(c.Ranking) != len(all) {
			t.Errorf("%s: %s of %d, want %s", task, got, len(c.Ranking), want)
		}
		for _, p := range c.Ranking {
			if len(p.Reasons) == 0 || !strings.ContainsAny(strings.Join(p.Reasons, ""), "0123456789") && p.Spend.Known {
				t.Errorf("%s: %s stands there for %q", task, p.Name, p.Reasons)
			}
		}
	}
}

func TestRetiredFirstChoiceNamesItsSuccessor(t *testing.T) {
	c := choose(t, "chat", Constraints{}, candidates(t, "gemini-3.8-flash", "gemini-2.0-flash", "gpt-4o-mini"))
	if got := c.Ranking[0].Reasons[0]; got != "the task's first choice for latency (successor of gemini-2.0-flash, retired 2026-06-01)" {
		t.Error(got)
	}
	want := "the first choice for real-time chat or autocomplete, gemini-2.0-flash, is retired since 2026-06-01: gemini-3.8-flash succeeds it\n" +
		"the fallback for real-time chat or autocomplete, claude-3.5-haiku, is retired since 2026-02-19: claude-haiku-5-5 succeeds it, which is not among the candidates"
	if got := strings.Join(c.Notes, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if names(c.Excluded) != "gemini-2.0-flash" || c.Excluded[0].Reasons[0] != "retired 2026-06-01" {
		t.Errorf("excluded %s: %v", names(c.Excluded), c.Excluded)
	}
	if c := choose(t, "interactive-agent", Constraints{}, candidates(t, "gpt-4o-mini")); !strings.Contains(strings.Join(c.Notes, "\n"), "gpt-4o, is not among the candidates") {
		t.Errorf("%q", c.Notes)
	}
}

// Known quality by cost, then the matrix, then unknown quality by cost.
func TestOrder(t *testing.T) {
	list := candidates(t, "gpt-4o", "gpt-4o-mini", "llama-3.1-70b", "gemini-3.8-flash", "gpt-5.4-nano", "nova-micro")
	list[0].Quality, list[4].Quality = Exactly(0.92, Stated), Exactly(0.80, Stated)
	c := choose(t, "batch", Constraints{}, list)
	if got, want := names(c.Ranking), "gpt-5.4-nano gpt-4o llama-3.1-70b gemini-3.8-flash nova-micro gpt-4o-mini"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := strings.Join(c.Ranking[1].Reasons, "; "); got != "$1,312.50 a month; quality 0.92 (stated); ends in 55 d; first token median ~800 ms (published); speed ~70 tok/s (published)" {
		t.Error(got)
	}
	for i, p := range c.Ranking {
		if p.Rank != i+1 {
			t.Errorf("%s has rank %d", p.Name, p.Rank)
		}
	}
	// The floor of the notes' batch pipeline.
	list[2].Quality = Exactly(0.84, Stated)
	c = choose(t, "batch", Constraints{MinQuality: of(0.8)}, list)
	if got := names(c.Ranking) + " | " + names(c.NotShown); got != "gpt-5.4-nano llama-3.1-70b gpt-4o | gemini-3.8-flash nova-micro gpt-4o-mini" {
		t.Error(got)
	}
	c = choose(t, "batch", Constraints{MinQuality: of(0.85)}, list)
	if got := names(c.Ranking) + " | " + names(c.Excluded); got != "gpt-4o | gpt-5.4-nano llama-3.1-70b" {
		t.Error(got)
	}
	if got, want := c.Excluded[1].Reasons[0], "quality 0.84 (stated), floor 0.85: 0.01 short"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// At the same cost the better goes first, and then the first by name.
func TestOrderAmongEquals(t *testing.T) {
	list := candidates(t, "nova-micro", "nova-lite", "nova-pro")
	for i, quality := range []float64{0.8, 0.8, 0.9} {
		list[i].Spend, list[i].Quality = list[0].Spend, Exactly(quality, Stated)
	}
	if got := names(choose(t, "code", Constraints{}, list).Ranking); got != "nova-pro nova-lite nova-micro" {
		t.Error(got)
	}
}

// Each constraint with what is inside of it, outside of it and not shown, and the
// reason of each.
func TestConstraints(t *testing.T) {
	measured := func(lo, v, hi float64, n int) Metric { return Metric{Value: v, Lo: lo, Hi: hi, N: n, Basis: Measured} }
	few := Metric{Value: 0.02, Lo: 0.0078, Hi: 0.0503, N: 200, Hits: 4, Basis: Measured}
	none := Metric{Hi: 0.0095, N: 400, Basis: Measured}
	many := Metric{Value: 0.045, Lo: 0.029, Hi: 0.07, N: 400, Hits: 18, Basis: Measured}
	hundred := usd(t, "100")
	with := func(id string, change func(*Candidate)) Candidate {
		c := candidate(t, id)
		if change != nil {
			change(&c)
		}
		return c
	}
	ttft := func(f Metric) func(*Candidate) { return func(c *Candidate) { c.TTFTp95 = f } }
	malformed := func(f Metric) func(*Candidate) { return func(c *Candidate) { c.Malformed = f } }
	for _, c := range []struct {
		q       Constraints
		c       Candidate
		verdict Verdict
		reason  string
	}{
		{Constraints{MaxTTFTp95: of(800)}, with("gpt-4o-mini", ttft(measured(526, 544, 566, 720))), Inside, "first token p95 544 ms (526-566 ms, n 720), limit 800 ms"},
		{Constraints{MaxTTFTp95: of(800)}, with("gpt-4o", ttft(measured(1188, 1233, 1294, 720))), Outside, "first token p95 1,233 ms (1,188-1,294 ms, n 720), limit 800 ms: 433 ms over"},
		{Constraints{MaxTTFTp95: of(800)}, with("gpt-4o", ttft(measured(760, 790, 840, 90))), NotShown, "first token p95 790 ms (760-840 ms, n 90), limit 800 ms, which the interval holds: more samples needed"},
		{Constraints{MaxTTFTp95: of(800)}, with("llama-3.1-70b", nil), NotShown, "first token p95 unknown, limit 800 ms"},
		{Constraints{MaxTTFTp95: of(800)}, with("gpt-4o-mini", nil), NotShown, "first token p95 not measured (published median ~380 ms), limit 800 ms"},
		{Constraints{MaxTTFTp95: of(800)}, with("gpt-4o-mini", func(c *Candidate) { c.TTFTp50 = Exactly(390, Measured) }), NotShown, "too few probes for a first token p95 (median 390 ms), limit 800 ms"},
		{Constraints{MaxTTFTp95: of(700)}, with("gpt-4o", nil), Outside, "first token p95 not known, but its published median ~800 ms is above the limit of 700 ms: at least 100 ms over"},
		{Constraints{MinSpeed: of(100)}, with("gpt-4o-mini", nil), Inside, "speed ~150 tok/s (published), at least 100 tok/s"},
		{Constraints{MinSpeed: of(100)}, with("gpt-4o", func(c *Candidate) { c.Speed = measured(69, 70.6, 72, 300) }), Outside, "speed 70.6 tok/s (69-72 tok/s, n 300), at least 100 tok/s: 29.4 tok/s short"},
		{Constraints{MinSpeed: of(100)}, with("llama-3.1-70b", nil), NotShown, "speed unknown, at least 100 tok/s"},
		{Constraints{MaxMalformed: of(0.01)}, with("gpt-4o", malformed(none)), Inside, "malformed 0 of 400 (<= 0.95 %), limit 1 %"},
		{Constraints{MaxMalformed: of(0.01)}, with("gpt-4o", malformed(few)), NotShown, "malformed 4 of 200 (0.8-5.0 %), limit 1 %, which the interval holds: more samples needed"},
		{Constraints{MaxMalformed: of(0.01)}, with("gpt-4o", malformed(many)), Outside, "malformed 18 of 400 (2.9-7.0 %), limit 1 %: 3.5 points over"},
		{Constraints{MaxMalformed: of(0.01)}, with("gpt-4o", nil), NotShown, "malformed unknown, limit 1 %"},
		{Constraints{MinQuality: of(0.85)}, with("gpt-4o", nil), NotShown, "quality unknown, floor 0.85"},
		{Constraints{MinQuality: of(0.85)}, with("gpt-4o", func(c *Candidate) { c.Quality = Exactly(0.85, Stated) }), Inside, "quality 0.85 (stated), floor 0.85"},
		{Constraints{MinContext: 40_000}, with("gpt-4o", nil), Inside, "context 128K, 40K needed"},
		{Constraints{MinContext: 40_001}, with("gpt-4o", nil), NotShown, "answers get worse somewhere from 40K to 50K, 40.001K needed"},
		{Constraints{MinContext: 60_000}, with("gpt-4o", nil), Outside, "answers get worse from 40K-50K on, 60K needed: 10K too few, though the context is 128K"},
		{Constraints{MinContext: 200_000}, with("gpt-4o-mini", nil), Outside, "context 128K, 200K needed: 72K too few"},
		{Constraints{MinContext: 40_000}, with("gpt-4o-mini", nil), Inside, "context 128K, 40K needed"},
		{Constraints{MinContext: 60_000}, with("gpt-4o-mini", nil), NotShown, "context 128K, practical limit unknown: past 40K every model that was tested got worse, 60K needed"},
		{Constraints{MinContext: 1}, with("gpt-4o", func(c *Candidate) { c.Model.Context = 0 }), NotShown, "context unknown, 1 needed"},
		{Constraints{MaxMonthly: &hundred}, with("gpt-4o-mini", nil), Inside, "$78.75 a month, limit $100.00"},
		{Constraints{MaxMonthly: &hundred}, with("gpt-4o", nil), Outside, "$1,312.50 a month, limit $100.00: $1,212.50 over"},
		{Constraints{MaxMonthly: &hundred}, with("gpt-4o", func(c *Candidate) { c.Spend = Project(Price{}, benchmarkWorkload()) }), NotShown, "cost unknown (input and output prices unknown), limit $100.00 a month"},
		{Constraints{Needs: []Feature{JSONSchema}}, with("gpt-4o", nil), Inside, "json-schema: yes"},
		{Constraints{Needs: []Feature{JSONSchema}}, with("deepseek-flash", nil), Outside, "json-schema: no"},
		{Constraints{Needs: []Feature{JSONSchema}}, with("claude-sonnet-5-5", nil), NotShown, "json-schema: unknown"},
		{Constraints{Needs: []Feature{Tools, Reasoning}}, with("gpt-4o", nil), Outside, "reasoning: no"},
		{Constraints{}, with("text-embedding-3-small", nil), Outside, "an embedding model: it does not answer"},
		{Constraints{}, with("claude-3.5-sonnet", nil), Outside, "retired 2025-10-28"},
	} {
		choice := choose(t, "code", c.q, []Candidate{c.c})
		place := slices.Concat(choice.Ranking, choice.NotShown, choice.Excluded)[0]
		if place.Verdict != c.verdict || !slices.Contains(place.Reasons, c.reason) {
			t.Errorf("%s is %s, want %s\ngot  %q\nwant %q", c.c.Name, place.Verdict, c.verdict, place.Reasons, c.reason)
		}
		for _, f := range place.Broken() {
			if f.Constraint == "" || f.Limit == nil || f.Verdict == Outside && f.Value == nil {
				t.Errorf("%s: %+v", c.c.Name, f)
			}
		}
	}
}

// One outside outweighs any number that are not shown; both are told.
func TestOutsideOutweighsNotShown(t *testing.T) {
	ten := usd(t, "10")
	c := choose(t, "chat", Constraints{MaxMonthly: &ten, MinQuality: of(0.9)}, candidates(t, "gpt-4o"))
	if names(c.Excluded) != "gpt-4o" || len(c.Excluded[0].Broken()) != 1 {
		t.Errorf("%+v", c)
	}
	if got := c.Answer(); got != "No model is inside all limits for real-time chat or autocomplete." {
		t.Error(got)
	}
	c = choose(t, "chat", Constraints{MinQuality: of(0.9)}, candidates(t, "gpt-4o"))
	if got := c.Answer(); !strings.HasPrefix(got, "No model is shown to be inside all limits for real-time chat or autocomplete. The nearest is gpt-4o: quality unknown, floor 0.9") {
		t.Error(got)
	}
}

func genConstraints() *rapid.Generator[Constraints] {
	return rapid.Custom(func(t *rapid.T) Constraints {
		var q Constraints
		limit := func(name string, highest float64) *float64 {
			if !rapid.Bool().Draw(t, name+" given") {
				return nil
			}
			v := rapid.Float64Range(0, highest).Draw(t, name)
			return &v
		}
		q.MaxTTFTp95, q.MinSpeed = limit("ttft", 2000), limit("speed", 200)
		q.MaxMalformed, q.MinQuality = limit("malformed", 0.1), limit("quality", 1)
		if rapid.Bool().Draw(t, "budget given") {
			usd := NewUSD(integer(rapid.Int64Range(1, 3000).Draw(t, "budget")))
			q.MaxMonthly = &usd
		}
		q.MinContext = rapid.Int64Range(0, 300_000).Draw(t, "context")
		q.Needs = rapid.SliceOfDistinct(rapid.SampledFrom(Features()), func(f Feature) Feature { return f }).Draw(t, "needs")
		return q
	})
}

func genCandidates(t *rapid.T, all []Candidate) []Candidate {
	list := rapid.SliceOfNDistinct(rapid.SampledFrom(all), 1, 12, func(c Candidate) string { return c.Name }).Draw(t, "candidates")
	for i := range list {
		list[i].TTFTp95 = genMetric(2000).Draw(t, "ttft")
		list[i].Speed = genMetric(200).Draw(t, "speed")
		list[i].Malformed = genMetric(0.1).Draw(t, "malformed")
		list[i].Quality = genMetric(1).Draw(t, "quality")
	}
	return list
}

// summary is a choice in few words.
func summary(c Choice) string {
	return fmt.Sprint(names(c.Ranking), " | ", names(c.NotShown), " | ", names(c.Excluded))
}

// The order of the candidates changes nothing, and each is in one list.
func TestRankingIsStable(t *testing.T) {
	all := chatModels(t)
	rapid.Check(t, func(rt *rapid.T) {
		list := genCandidates(rt, all)
		q := genConstraints().Draw(rt, "constraints")
		want := choose(t, "code", q, list)
		if n := len(want.Ranking) + len(want.NotShown) + len(want.Excluded); n != len(list) {
			rt.Fatalf("%d of %d candidates", n, len(list))
		}
		shuffled := slices.Clone(list)
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if got := choose(t, "code", q, shuffled); summary(got) != summary(want) {
			rt.Fatalf("got  %s\nwant %s", summary(got), summary(want))
		}
	})
}

// A further constraint, or a stricter one, lets nobody in and changes no order.
func TestRankingIsMonotone(t *testing.T) {
	all := chatModels(t)
	rapid.Check(t, func(rt *rapid.T) {
		list := genCandidates(rt, all)
		loose := genConstraints().Draw(rt, "constraints")
		strict := loose
		if strict.MaxTTFTp95 != nil {
			strict.MaxTTFTp95 = of(*loose.MaxTTFTp95 * rapid.Float64Range(0, 1).Draw(rt, "part"))
		}
		if strict.MinQuality == nil {
			strict.MinQuality = of(0.5)
		}
		strict.MinContext *= 2
		if strict.MaxMonthly != nil {
			half := loose.MaxMonthly.Mul(rat(t, "1/2"))
			strict.MaxMonthly = &half
		}
		strict.Needs = append(slices.Clone(loose.Needs), Tools)
		before, after := choose(t, "code", loose, list), choose(t, "code", strict, list)
		var kept []string
		for _, p := range before.Ranking {
			if slices.ContainsFunc(after.Ranking, func(q Place) bool { return q.Name == p.Name }) {
				kept = append(kept, p.Name)
			}
		}
		if strings.Join(kept, " ") != names(after.Ranking) {
			rt.Fatalf("before %s\nafter  %s", summary(before), summary(after))
		}
		for _, p := range before.Excluded {
			if !slices.ContainsFunc(after.Excluded, func(q Place) bool { return q.Name == p.Name }) {
				rt.Fatalf("%s was outside and is no longer", p.Name)
			}
		}
	})
}

func BenchmarkChoose(b *testing.B) {
	list := chatModels(b)
	hundred := usd(b, "100")
	q := question(b, "chat", Constraints{MaxMonthly: &hundred, MaxTTFTp95: of(800), MinQuality: of(0.8), MinContext: 32_000, Needs: []Feature{Tools}})
	for b.Loop() {
		DefaultAdvice().Choose(Default(), q, list)
	}
}
