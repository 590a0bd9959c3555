package compare

import (
	"slices"
	"strings"
	"testing"

	"costping/costmodel"
)

func chosen(t *testing.T, q costmodel.Constraints, rows []Row) costmodel.Choice {
	t.Helper()
	task, err := costmodel.DefaultAdvice().Task("chat")
	if err != nil {
		t.Fatal(err)
	}
	list, _ := Candidates(rows, nil)
	return costmodel.DefaultAdvice().Choose(costmodel.Default(), costmodel.Question{Task: task, Constraints: q, Today: costmodel.DateOf(now)}, list)
}

func names(places []costmodel.Place) string {
	var all []string
	for _, p := range places {
		all = append(all, p.Name)
	}
	return strings.Join(all, " ")
}

// What was measured decides; what is unknown keeps no limit; what does not answer is
// no candidate; what the interval holds is not shown.
func TestCandidates(t *testing.T) {
	in := input(t, []string{"gpt-4o", "gpt-4o-mini", "llama-3.1-70b", "gemini-3.5-flash-lite", "mine"},
		measured("gpt-4o", 800, 10, 2000), measured("gpt-4o-mini", 400, 5, 900), refused("llama-3.1-70b"),
		collecting("gemini-3.5-flash-lite", 3), measured("mine", 540, 20, 900))
	rows := Build(in).Rows
	for i := range rows {
		if rows[i].Target == "mine" {
			rows[i].Malformed = costmodel.Metric{Value: 0.02, Lo: 0.008, Hi: 0.05, N: 200, Hits: 4, Basis: costmodel.Measured}
		}
	}
	_, notes := Candidates(rows, nil)
	if want := []string{"llama-3.1-70b does not answer now and is left out"}; !slices.Equal(notes, want) {
		t.Errorf("%q", notes)
	}
	limit := 800.0
	c := chosen(t, costmodel.Constraints{MaxTTFTp95: &limit}, rows)
	// The p95 are half as much again as the medians: 1,200, 600 and 810 +-20.
	if names(c.Ranking) != "gpt-4o-mini" || names(c.Excluded) != "gpt-4o" || names(c.NotShown) != "gemini-3.5-flash-lite mine" {
		t.Errorf("inside %q, outside %q, not shown %q", names(c.Ranking), names(c.Excluded), names(c.NotShown))
	}
	if got := Broken(c.Excluded[0]); len(got) != 1 || !strings.HasSuffix(got[0], "limit 800 ms: 400 ms over") {
		t.Errorf("%q", got)
	}
	share := 0.01
	c = chosen(t, costmodel.Constraints{MaxMalformed: &share}, rows)
	if names(c.Ranking) != "" || len(c.NotShown) != 4 {
		t.Errorf("inside %q, not shown %q", names(c.Ranking), names(c.NotShown))
	}
	i := slices.IndexFunc(c.NotShown, func(p costmodel.Place) bool { return p.Name == "mine" })
	if got := Broken(c.NotShown[i])[0]; got != "malformed 4 of 200 (0.8-5.0 %), limit 1 %, which the interval holds: more samples needed" {
		t.Errorf("%q", got)
	}
}

func TestChoiceAnswersGetShorter(t *testing.T) {
	in := input(t, []string{"gpt-4o-mini", "gpt-4o"}, measured("gpt-4o", 800, 10, 2000), measured("gpt-4o-mini", 400, 5, 900))
	rows := Build(in).Rows
	fast, none := 700.0, 1.0
	share := 0.01
	for name, tc := range map[string]struct {
		q           costmodel.Constraints
		first, last string
	}{
		"inside":    {costmodel.Constraints{MaxTTFTp95: &fast}, "Use gpt-4o-mini for real-time chat or autocomplete: ", "Use gpt-4o-mini"},
		"not shown": {costmodel.Constraints{MaxMalformed: &share}, "No model is shown to be inside all limits for real-time chat", "None shown inside."},
		"outside":   {costmodel.Constraints{MaxTTFTp95: &none}, "No model is inside all limits for real-time chat", "None is inside."},
	} {
		forms := ChoiceAnswer(chosen(t, tc.q, rows))
		if !strings.HasPrefix(forms[0], tc.first) || forms[len(forms)-1] != tc.last {
			t.Errorf("%s: %q", name, forms)
		}
		if ends := "Use gpt-4o-mini for real-time chat or autocomplete, $78.75 a month; ends in 55 d."; name == "inside" && !slices.Contains(forms, ends) {
			t.Errorf("%q lacks %q", forms, ends)
		}
		for i := range forms[1:] {
			if len(forms[i+1]) > len(forms[i]) {
				t.Errorf("%s: %q is longer than %q", name, forms[i+1], forms[i])
			}
		}
	}
}

func TestConstraintFlags(t *testing.T) {
	ms, speed, malformed, quality := 800.0, 50.5, 0.01, 0.85
	usd, err := costmodel.ParseUSD("1234.5")
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(ConstraintFlags(costmodel.Constraints{
		MaxTTFTp95: &ms, MinSpeed: &speed, MaxMalformed: &malformed, MinQuality: &quality, MinContext: 128_000, MaxMonthly: &usd,
		Needs: []costmodel.Feature{costmodel.Tools, costmodel.JSONSchema},
	}), " ")
	const want = "--max-ttft-p95 800ms --min-throughput 50.5 --max-malformed 1% --min-quality 0.85 --min-context 128000 --max-monthly 1234.5 --needs tools,json-schema"
	if got != want {
		t.Errorf("%s", got)
	}
	if got := ConstraintFlags(costmodel.Constraints{}); got != nil {
		t.Errorf("%q of none", got)
	}
}
