package costmodel

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseSplit(t *testing.T) {
	for in, want := range map[string]struct{ shown, exact, input string }{
		"75/25":          {"75% in 25% out", "75/25", "3/4"},
		" 75 / 25 ":      {"75% in 25% out", "75/25", "3/4"},
		"72.5/27.5":      {"72.5% in 27.5% out", "72.5/27.5", "29/40"},
		"100/0":          {"100% in 0% out", "100/0", "1"},
		"0/100":          {"0% in 100% out", "0/100", "0"},
		"33.333/66.667":  {"33.333% in 66.667% out", "33.333/66.667", "33333/100000"},
		"0.0001/99.9999": {"0.0001% in 99.9999% out", "0.0001/99.9999", "1/1000000"},
	} {
		s, err := ParseSplit(in)
		if err != nil {
			t.Errorf("ParseSplit(%q): %v", in, err)
			continue
		}
		exact, _ := s.MarshalText()
		if s.String() != want.shown || string(exact) != want.exact || s.Input().Cmp(rat(t, want.input)) != 0 {
			t.Errorf("ParseSplit(%q) is %q, exactly %q, input %s", in, s, exact, s.Input())
		}
		if sum := s.Output(); sum.Add(sum, s.Input()).Cmp(rat(t, "1")) != 0 {
			t.Errorf("the shares of %q sum to %s", in, sum)
		}
	}
}

func TestParseSplitRefuses(t *testing.T) {
	for in, want := range map[string]string{
		"":           `split "" is not an input and an output share`,
		"75":         `split "75" is not an input and an output share`,
		"75:25":      `split "75:25" is not an input and an output share`,
		"80/25":      `split "80/25" sums to 105, not to 100`,
		"72.5/27":    `split "72.5/27" sums to 99.5, not to 100`,
		"33.3/66.6":  `split "33.3/66.6" sums to 99.9, not to 100`,
		"0.75/0.25":  `split "0.75/0.25" sums to 1, not to 100`,
		"75/25/0":    `split "75/25/0" has a share that is not a number`,
		"75%/25%":    `split "75%/25%" has a share that is not a number`,
		"/":          `split "/" has a share that is not a number`,
		"NaN/25":     `split "NaN/25" has a share that is not a number`,
		"110/-10":    `split "110/-10" has a share that is negative`,
		"1e400/25":   `split "1e400/25" has a share that is too large or too finely divided`,
		"75/1e-4000": `split "75/1e-4000" has a share that is too large or too finely divided`,
	} {
		t.Run(in, func(t *testing.T) {
			_, err := ParseSplit(in)
			wantInputError(t, err, want)
		})
	}
}

func FuzzParseSplit(f *testing.F) {
	for _, seed := range []string{"75/25", "72.5/27.5", "100/0", "80/25", "-1/101", "1e400/1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		split, err := ParseSplit(s)
		if err != nil {
			wantInputErrorForm(t, err)
			return
		}
		exact, _ := split.MarshalText()
		if back, err := ParseSplit(string(exact)); err != nil || !back.Equal(split) {
			t.Fatalf("%q became %s and then %s, %v", s, exact, back, err)
		}
		if in := split.Input(); in.Sign() < 0 || in.Cmp(rat(t, "1")) > 0 || len(exact) > 64 {
			t.Fatalf("%q became %s", s, exact)
		}
	})
}

func TestSplitNotGiven(t *testing.T) {
	var s Split
	if s.Given() || s.String() != "" || s.Input().Sign() != 0 || s.Output().Sign() != 0 {
		t.Errorf("the zero split is %q", s)
	}
	all, _ := ParseSplit("0/100")
	if s.Equal(all) {
		t.Error("no split equals 0/100")
	}
	if err := all.UnmarshalText(nil); err != nil || all.Given() {
		t.Errorf("an empty text is the split %s, %v", all, err)
	}
	if text, err := s.MarshalText(); err != nil || len(text) != 0 {
		t.Errorf("no split is %q, %v", text, err)
	}
}

func TestWorkload(t *testing.T) {
	w := workload(t, "10M/day", "75/25")
	if w.String() != "10.0M tokens/day, 75% in 25% out" || (Workload{}).String() != "0 tokens/day" {
		t.Errorf("%s; %s", w, Workload{})
	}
	if w.InputPerDay().Cmp(rat(t, "7500000")) != 0 || w.OutputPerDay().Cmp(rat(t, "2500000")) != 0 {
		t.Errorf("%s in, %s out a day", w.InputPerDay(), w.OutputPerDay())
	}
	days := w
	days.DaysPerMonth, _ = ParseDaysPerMonth("30.4")
	for name, other := range map[string]Workload{
		"period": workload(t, "10M/month", "75/25"),
		"volume": workload(t, "11M/day", "75/25"),
		"split":  workload(t, "10M/day", "76/24"),
		"days":   days,
	} {
		if w.Equal(other) || !other.Equal(other) {
			t.Errorf("another %s makes no difference", name)
		}
	}
	if thirty := w; !thirty.Equal(w) {
		t.Error("a copy differs")
	}
}

func TestSharesSumToVolume(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := genWorkload().Draw(t, "workload")
		sum := w.InputPerDay()
		if sum.Add(sum, w.OutputPerDay()).Cmp(w.PerDay()) != 0 {
			t.Fatalf("%s: input and output are %s of %s", w, sum, w.PerDay())
		}
	})
}

func TestItems(t *testing.T) {
	w := items(t, "100k messages/month", "500", "200")
	if got := w.String(); got != "100K messages/month × (500 in + 200 out)" {
		t.Errorf("it reads %q", got)
	}
	input, ok := w.RequestInput()
	if !ok || input.Cmp(rat(t, "500")) != 0 || w.PerDay().Cmp(rat(t, "70000000/30")) != 0 || w.InputPerDay().Cmp(rat(t, "50000000/30")) != 0 {
		t.Errorf("%s tokens of input a message, %s a day, %s of them in", input, w.PerDay(), w.InputPerDay())
	}
	if n, ok := w.ItemsPerDay(); !ok || n.Cmp(rat(t, "100000/30")) != 0 {
		t.Errorf("%s messages a day", n)
	}
	users, err := Workload{Split: w.Split}.WithUsers(count(t, "1000"), count(t, "2000"))
	if _, known := users.RequestInput(); err != nil || known || users.PerDay().Cmp(rat(t, "2000000")) != 0 {
		t.Errorf("%s, %v", users, err)
	}
	even, _ := ParseSplit("75/25")
	users.Split = even
	if got := users.String(); got != "1.00K users/day × 2,000 tokens, 75% in 25% out" {
		t.Errorf("it reads %q", got)
	}
	full := workload(t, "10M/day", "75/25")
	full.Cached, full.CacheWrite, full.Batch = share(t, "30"), share(t, "5"), share(t, "50")
	full.Retries, full.Growth = share(t, "0.5%"), share(t, "10")
	const want = "10.0M tokens/day, 75% in 25% out, 30% cached in, 5% written to the cache, 50% batch, 0.5% retries, 10% growth a month"
	if got := full.String(); got != want {
		t.Errorf("it reads %q", got)
	}
	for name, change := range map[string]func(*Workload){
		"unit": func(w *Workload) { w.Volume.unit = Calls }, "item": func(w *Workload) { w.PerItem = count(t, "800") },
		"cached": func(w *Workload) { w.Cached = share(t, "1") }, "write": func(w *Workload) { w.CacheWrite = share(t, "1") },
		"batch": func(w *Workload) { w.Batch = share(t, "1") }, "retries": func(w *Workload) { w.Retries = share(t, "1") },
		"malformed": func(w *Workload) { w.Malformed = share(t, "1") }, "review": func(w *Workload) { w.Review = usd(t, "1") },
		"growth": func(w *Workload) { w.Growth = share(t, "1") }, "thinking": func(w *Workload) { *w = w.WithThinking(rat(t, "2")) },
	} {
		other := w
		if change(&other); w.Equal(other) {
			t.Errorf("another %s makes no difference", name)
		}
	}
	if got := w.WithThinking(rat(t, "1/2")); got.Thinking.Given() {
		t.Errorf("thinking makes %s of an answer", got.Thinking)
	}
}

func TestWorkloadCheck(t *testing.T) {
	message := items(t, "100k messages/month", "500", "200")
	token := workload(t, "10M/day", "75/25")
	for _, c := range []struct {
		w      Workload
		change func(*Workload)
		want   string
	}{
		{message, func(*Workload) {}, ""},
		{token, func(*Workload) {}, ""},
		{message, func(w *Workload) { w.PerItem = Count{} }, "a volume of messages needs the tokens of one message"},
		{token, func(w *Workload) { w.PerItem = count(t, "700") }, "a volume of tokens has no tokens each"},
		{token, func(w *Workload) { w.Cached, w.CacheWrite = share(t, "60%"), share(t, "41%") }, "60% of the input read from a cache and 41% written to one are more than all of it"},
		{token, func(w *Workload) { w.Cached, w.CacheWrite = share(t, "60%"), share(t, "40%") }, ""},
		{token, func(w *Workload) { w.Malformed = share(t, "1%") }, "a volume of tokens does not say how many answers there are to review"},
		{message, func(w *Workload) { w.Malformed = share(t, "1%") }, ""},
		{token, func(w *Workload) { w.Thinking = count(t, "0.5") }, "a thinking factor below 1 is none"},
	} {
		c.change(&c.w)
		err := c.w.Check()
		if c.want == "" && err != nil {
			t.Errorf("%s: %v", c.w, err)
		} else if c.want != "" {
			wantInputError(t, err, c.want)
			if s := Project(price(t, "1", "2"), c.w); s.Known || s.Reason != c.want {
				t.Errorf("%s costs %s, %q", c.w, s.PerDay, s.Reason)
			}
		}
	}
	for _, c := range [][2]string{{"0", "0"}, {"1B", "1"}, {"", "5"}} {
		var in, out Count
		_ = in.UnmarshalText([]byte(c[0]))
		_ = out.UnmarshalText([]byte(c[1]))
		if _, err := message.WithItem(in, out); err == nil {
			t.Errorf("an item of %q in and %q out was taken", c[0], c[1])
		} else {
			wantInputErrorForm(t, err)
		}
	}
	if _, err := token.WithUsers(count(t, "5"), Count{}); err == nil {
		t.Error("users without tokens were taken")
	}
	if _, err := token.WithUsers(Count{}, count(t, "5")); err == nil {
		t.Error("no users were taken")
	}
}

func TestPresets(t *testing.T) {
	want := map[string]string{
		"documents": "10.0M tokens/day, 75% in 25% out", "agent": "10.0M tokens/day, 40% in 60% out",
		"chat": "10.0M tokens/day, 50% in 50% out", "classification": "10.0K requests/day × (500 in + 10 out)",
		"enrichment": "8.00K documents/night × (1,500 in + 500 out)", "pipeline": "4.00K documents/day × (1,875 in + 625 out)",
		"users": "1.00K users/day × 2,000 tokens, 75% in 25% out", "messages": "100K messages/month × (500 in + 200 out)",
	}
	for _, p := range Presets() {
		if got := p.Workload.String(); got != want[p.Name] || p.Title == "" || p.Basis == "" || p.Workload.Check() != nil {
			t.Errorf("%s is %q, %q, %q; want %q", p.Name, got, p.Title, p.Basis, want[p.Name])
		}
		delete(want, p.Name)
	}
	if len(want) > 0 {
		t.Errorf("there is no preset for %v", want)
	}
	if p, err := LookupPreset(" Agent "); err != nil || p.Name != "agent" {
		t.Errorf("agent is %q, %v", p.Name, err)
	}
	_, err := LookupPreset("agnet")
	wantInputError(t, err, `there is no preset "agnet"`)
	var input *InputError
	if errors.As(err, &input); !strings.Contains(input.Hint, "documents, agent") {
		t.Errorf("the hint is %q", input.Hint)
	}
}
