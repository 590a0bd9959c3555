package pricefeed

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"costping/costmodel"

	"pgregory.net/rapid"
)

// take imports a feed and fails where that does.
func take(t testing.TB, book Book, text string, o Options) (Book, Report) {
	t.Helper()
	after, r, err := Import(base(t), book, read(t, text), o)
	if err != nil {
		t.Fatal(err)
	}
	return after, r
}

// outcome is a report in a line.
func outcome(r Report) string {
	var words []string
	for _, c := range r.Taken {
		words = append(words, "took "+c.Model+" "+say(c.Price))
	}
	for _, c := range r.Flagged {
		words = append(words, "flagged "+c.Model+" "+say(c.Price)+" ["+kinds(c)+"]")
	}
	for _, why := range slices.Sorted(maps.Keys(r.Skipped)) {
		words = append(words, fmt.Sprintf("%s %d", why, r.Skipped[why]))
	}
	if r.Confirmed > 0 {
		words = append(words, fmt.Sprintf("confirmed %d", r.Confirmed))
	}
	if r.Withdrawn > 0 {
		words = append(words, fmt.Sprintf("withdrawn %d", r.Withdrawn))
	}
	return strings.Join(words, ", ")
}

// alpha is a models.dev feed with one model.
func alpha(input, output, more string) string {
	return fmt.Sprintf(`{"openai": {"models": {"alpha": {"id": "alpha", "cost": {"input": %s, "output": %s%s}}}}}`, input, output, more)
}

// What is taken at once, what is flagged and what is no news, each against a
// catalog that has 2/8, cached 0.50, of June.
func TestVerdicts(t *testing.T) {
	for _, c := range []struct{ name, asOf, text, want string }{
		{"what stands", "2026-05-01", alpha("2", "8", ""), "unchanged 1"},
		{"what stands, of the same day", "2026-06-01", alpha("2", "8", ""), "unchanged 1"},
		{"what stands, seen later", "2026-07-01", alpha("2.0", "8.00", `, "cache_read": 0.5`), "unchanged 1, confirmed 1"},
		{"what stands and is doubted", "2026-05-01", strings.ReplaceAll(alpha("5", "20", ""), "alpha", "disputed"), "unchanged 1"},
		{"what is doubted, said again", "2026-05-02", strings.ReplaceAll(alpha("5", "20", ""), "alpha", "disputed"), "flagged disputed 5/20 2026-05-02.. [disagreement]"},
		{"a small change", "2026-07-01", alpha("2.02", "8", ""), "took alpha 2.02/8 2026-07-01.."},
		{"2 % exactly", "2026-07-01", alpha("2.04", "8", ""), "took alpha 2.04/8 2026-07-01.."},
		{"more than 2 %", "2026-07-01", alpha("2.05", "8", ""), "flagged alpha 2.05/8 2026-07-01.. [disagreement]"},
		{"more is known", "2026-07-01", alpha("2", "8", `, "cache_write": 2.5`), "took alpha 2/8 write 2.5 2026-07-01.."},
		{"another cached price", "2026-07-01", alpha("2", "8", `, "cache_read": 0.52`), "flagged alpha 2/8 cached 0.52 2026-07-01.. [disagreement]"},
		{"five times", "2026-07-01", alpha("10", "40", ""), "flagged alpha 10/40 2026-07-01.. [disagreement]"},
		{"more than five times", "2026-07-01", alpha("10.1", "40", ""), "flagged alpha 10.1/40 2026-07-01.. [change disagreement]"},
		{"less than a fifth", "2026-07-01", alpha("0.39", "8", ""), "flagged alpha 0.39/8 2026-07-01.. [change disagreement]"},
		{"output below input", "2026-07-01", alpha("2", "1.9", ""), "flagged alpha 2/1.9 2026-07-01.. [disagreement output_below_input]"},
		{"above $200", "2026-07-01", alpha("200.01", "300", ""), "flagged alpha 200.01/300 2026-07-01.. [change disagreement high]"},
		{"free", "2026-07-01", alpha("0", "0", ""), "flagged alpha 0/0 2026-07-01.. [change disagreement free]"},
		{"an older feed that differs", "2026-05-01", alpha("3", "8", ""), "flagged alpha 3/8 2026-05-01.. [disagreement]"},
		{"tiers nobody else has", "2026-07-01", alpha("2", "8", `, "tiers": [{"input": 4, "output": 12, "tier": {"type": "context", "size": 200000}}]`), "flagged alpha 2/8 >200K 4/12 2026-07-01.. [disagreement]"},
		{"a service nobody else has", "2026-07-01", `{"alpha": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 2e-6, "output_cost_per_token": 8e-6, "input_cost_per_token_flex": 1e-6, "output_cost_per_token_flex": 4e-6}}`, "took alpha 1/4 flex, unchanged 1, confirmed 1"},
		{"a service beside a flagged price", "2026-07-01", `{"alpha": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 3e-6, "output_cost_per_token": 8e-6, "input_cost_per_token_flex": 1e-6, "output_cost_per_token_flex": 4e-6}}`, "flagged alpha 3/8 2026-07-01.. [disagreement], flagged alpha 1/4 flex [beside_a_flagged_price]"},
		{"another batch price", "2026-07-01", `{"alpha": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 2e-6, "output_cost_per_token": 8e-6, "input_cost_per_token_batches": 0.5e-6, "output_cost_per_token_batches": 2e-6}}`, "flagged alpha 2/8 batch 0.25 2026-07-01.. [disagreement]"},
		{"a route's price", "2026-07-01", `{"data": [{"id": "openai/alpha", "pricing": {"prompt": "0.0000019", "completion": "0.000008"}}]}`, "flagged alpha 1.9/8 2026-07-01.. (a route's price, not the vendor's own) [disagreement route]"},
		{"a route at the vendor's price", "2026-07-01", `{"data": [{"id": "openai/alpha", "pricing": {"prompt": "0.000002", "completion": "0.000008"}}]}`, "unchanged 1"},
		{"a route shows no tiers", "2026-07-01", `{"data": [{"id": "openai/tiered", "pricing": {"prompt": "0.000001", "completion": "0.000004"}}]}`, "unchanged 1"},
		{"a model not in the catalog", "2026-07-01", `{"openai": {"models": {"omega": {"id": "omega", "cost": {"input": 1, "output": 2}}}}}`, "not_in_the_catalog 1"},
		{"the model at another host", "2026-07-01", `{"azure": {"models": {"alpha": {"id": "alpha", "cost": {"input": 1, "output": 2}}}}}`, "not_in_the_catalog 1"},
		{"an alias", "2026-07-01", `{"openai": {"models": {"alpha-latest": {"id": "alpha-latest", "cost": {"input": 2, "output": 8}}}}}`, "unchanged 1, confirmed 1"},
		{"the id before other names", "2026-07-01", `{"openai": {"models": {"alpha-latest": {"id": "alpha-latest", "cost": {"input": 9, "output": 9}}, "alpha": {"id": "alpha", "cost": {"input": 2, "output": 8}}, "alpha-2026-01-01": {"id": "alpha-2026-01-01", "cost": {"input": 9, "output": 9}}}}}`, "another_name_of_the_same_model 2, unchanged 1, confirmed 1"},
		{"twice, with other prices", "2026-07-01", `{"alpha": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 2.01e-6, "output_cost_per_token": 8e-6}, "openai/alpha": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 3e-6, "output_cost_per_token": 8e-6}}`, "flagged alpha 2.01/8 2026-07-01.. [listed_twice], another_name_of_the_same_model 1"},
		{"special hours older than a plain price", "2026-05-01", `[{"id": "deepseek", "models": [{"id": "night", "match": {}, "prices": [{"prices": {"input_mtok": 0.2, "output_mtok": 0.4}}, {"constraint": {"start_time": "00:30:00Z", "end_time": "16:30:00Z"}, "prices": {"input_mtok": 0.1, "output_mtok": 0.2}}]}]}]`, "older_than_what_stands 1, unchanged 1"},
		{"special hours", "2026-07-01", `[{"id": "deepseek", "models": [{"id": "night", "match": {}, "prices": [{"prices": {"input_mtok": 0.2, "output_mtok": 0.4}}, {"constraint": {"start_time": "00:30:00Z", "end_time": "16:30:00Z"}, "prices": {"input_mtok": 0.1, "output_mtok": 0.2}}]}]}]`, "took night 0.1/0.2 00:30-16:30, unchanged 1, confirmed 1"},
		{"a past and an announced price", "2026-07-01", `[{"id": "openai", "models": [{"id": "alpha", "match": {}, "prices": [{"prices": {"input_mtok": 50, "output_mtok": 60}}, {"constraint": {"start_date": "2025-01-01"}, "prices": {"input_mtok": 2, "output_mtok": 8}}, {"constraint": {"start_date": "2027-01-01"}, "prices": {"input_mtok": 3, "output_mtok": 12}}]}]}]`, "took alpha 50/60 ..2025-01-01, took alpha 3/12 2027-01-01.., unchanged 1, confirmed 1"},
	} {
		o := Options{AsOf: day(t, c.asOf)}
		once, r := take(t, Book{}, c.text, o)
		if got := outcome(r); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
		again, r := take(t, once, c.text, o)
		if len(r.Taken) > 0 || r.Confirmed > 0 || r.Withdrawn > 0 || !bytes.Equal(writeBook(t, once), writeBook(t, again)) {
			t.Errorf("%s: the second import: %s", c.name, outcome(r))
		}
	}
}

// One source over time: each change is an interval of its own, an older feed
// changes nothing, and nothing is ever gone.
func TestHistoryOfASource(t *testing.T) {
	var book Book
	history := func() string {
		c, err := book.Over(base(t))
		if err != nil {
			t.Fatal(err)
		}
		m, _ := c.Lookup("alpha")
		return sayAll(m.History("models.dev"))
	}
	for _, step := range []struct{ asOf, text, accept, want, history, holds string }{
		{"2026-07-01", alpha("3", "9", ""), "", "flagged alpha 3/9 2026-07-01.. [disagreement]", "", "2/8"},
		{"2026-07-01", alpha("3", "9", ""), "alpha", "took alpha 3/9 2026-07-01..", "3/9 2026-07-01..", "3/9"},
		{"2026-07-01", alpha("3", "9", ""), "", "unchanged 1", "3/9 2026-07-01..", "3/9"},
		{"2026-06-15", alpha("4", "9", ""), "all", "older_than_what_stands 1", "3/9 2026-07-01..", "3/9"},
		{"2026-08-01", alpha("3", "9", ""), "", "unchanged 1, confirmed 1", "3/9 2026-07-01..", "3/9"},
		{"2026-07-15", alpha("2", "8", ""), "all", "older_than_what_stands 1", "3/9 2026-07-01..", "3/9"},
		{"2026-09-01", alpha("2", "8", ""), "openai/alpha", "took alpha 2/8 2026-09-01..", "3/9 2026-07-01..2026-09-01; 2/8 2026-09-01..", "2/8"},
		{"2026-10-01", alpha("3", "9", ""), "all", "took alpha 3/9 2026-10-01..", "3/9 2026-07-01..2026-09-01; 2/8 2026-09-01..2026-10-01; 3/9 2026-10-01..", "3/9"},
	} {
		o := Options{AsOf: day(t, step.asOf)}
		if step.accept != "" {
			o.Accept = []string{step.accept}
		}
		var r Report
		book, r = take(t, book, step.text, o)
		// What a price takes from others (cached input, batch) is not of interest here.
		bare := strings.NewReplacer(" cached 0.5", "", " batch 0.5", "")
		if got := outcome(r); got != step.want || bare.Replace(history()) != step.history {
			t.Fatalf("%s: %s; history %s\nwant %s; %s", step.asOf, got, history(), step.want, step.history)
		}
		c, _ := book.Over(base(t))
		m, _ := c.Lookup("alpha")
		if got := m.PriceOn(day(t, "2026-11-20")); string(rateOut(got.Input))+"/"+string(rateOut(got.Output)) != step.holds {
			t.Errorf("%s: %s holds, want %s", step.asOf, say(got), step.holds)
		}
	}
}

// An older feed that was accepted is known, and does not hold.
func TestAnOlderFeedDoesNotBeatANewerPrice(t *testing.T) {
	book, r := take(t, Book{}, alpha("3", "9", ""), Options{AsOf: day(t, "2026-05-01"), Accept: []string{AcceptAll}})
	if len(r.Taken) != 1 {
		t.Fatal(outcome(r))
	}
	c, _ := book.Over(base(t))
	m, _ := c.Lookup("alpha")
	if p := m.PriceOn(day(t, "2026-11-20")); p.Source != "the list of June" {
		t.Errorf("%s by %s holds", say(p), p.Source)
	}
	// Nor does one that is newer than the catalog, but not than what confirmed it.
	book, _ = take(t, Book{}, litellmFeed, Options{AsOf: day(t, "2026-09-01")})
	book, r = take(t, book, alpha("3", "9", ""), Options{AsOf: day(t, "2026-08-01"), Accept: []string{AcceptAll}})
	if len(r.Taken) != 1 {
		t.Fatal(outcome(r))
	}
	c, _ = book.Over(base(t))
	m, _ = c.Lookup("alpha")
	if p := m.PriceOn(day(t, "2026-11-20")); p.Source != "LiteLLM" || !p.Input.Equal(m.Prices[0].Input) {
		t.Errorf("%s by %s holds", say(p), p.Source)
	}
	if p := m.PriceOn(day(t, "2026-11-20")); p.Batch.String() != "0.5" || !p.CachedInput.Known() {
		t.Errorf("what the feed does not speak of is lost: %s", say(p))
	}
}

// A rise that was announced and is not any more is kept, and does not hold.
func TestWithdrawnPrices(t *testing.T) {
	announced := genaiOf(`[{"prices": {"input_mtok": 2, "output_mtok": 8}}, {"constraint": {"start_date": "2026-09-01"}, "prices": {"input_mtok": 3, "output_mtok": 12}}]`)
	book, r := take(t, Book{}, announced, Options{AsOf: day(t, "2026-07-01")})
	if outcome(r) != "took alpha 3/12 2026-09-01.., unchanged 1, confirmed 1" {
		t.Fatal(outcome(r))
	}
	book, r = take(t, book, genaiOf(`{"input_mtok": 2, "output_mtok": 8}`), Options{AsOf: day(t, "2026-08-10")})
	if outcome(r) != "unchanged 1, confirmed 1, withdrawn 1" {
		t.Fatal(outcome(r))
	}
	c, _ := book.Over(base(t))
	m, _ := c.Lookup("alpha")
	if p := m.PriceOn(day(t, "2026-10-01")); string(rateOut(p.Input)) != "2" {
		t.Errorf("%s holds", say(p))
	}
	if !slices.ContainsFunc(m.Prices, func(p costmodel.Price) bool { return p.Doubt == "withdrawn as of 2026-08-10" }) {
		t.Errorf("the announcement is gone: %s", sayAll(m.Prices))
	}
	// Announced again, it is news again.
	_, r = take(t, book, announced, Options{AsOf: day(t, "2026-08-20")})
	if outcome(r) != "took alpha 3/12 2026-09-01.., unchanged 1, confirmed 1" {
		t.Error(outcome(r))
	}
}

func TestFurtherModels(t *testing.T) {
	text := `{"openai": {"name": "OpenAI", "models": {"omega": {"id": "omega", "name": "Omega", "limit": {"context": 1000}, "cost": {"input": 1, "output": 2}}}},
		"azure": {"models": {"alpha": {"id": "alpha", "cost": {"input": 2, "output": 8}}, "omega": {"id": "omega", "cost": {"input": 3, "output": 2}}}}}`
	asOf := day(t, "2026-07-01")
	_, r := take(t, Book{}, text, Options{AsOf: asOf, Providers: []string{"azure_ai"}})
	if got := outcome(r); got != "took azure/alpha 2/8, flagged azure/omega 3/2 [output_below_input], not_in_the_catalog 1" {
		t.Error(got)
	}
	book, r := take(t, Book{}, text, Options{AsOf: asOf, All: true, Accept: []string{"azure/omega"}})
	if got := outcome(r); got != "took openai/omega 1/2, took azure/alpha 2/8, took azure/omega 3/2" {
		t.Error(got)
	}
	c, err := book.Over(base(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"alpha": "alpha", "openai/alpha": "alpha", "azure/alpha": "azure/alpha", "omega": "", "openai/omega": "openai/omega",
		"azure/omega": "azure/omega",
	} {
		if m, ok := c.Lookup(name); m.ID != want || ok != (want != "") {
			t.Errorf("%s is %q", name, m.ID)
		}
	}
	if m, _ := c.Lookup("openai/omega"); m.Name != "Omega" || m.ProviderName != "OpenAI" || m.Context != 1000 {
		t.Errorf("%+v", m)
	}
	// Once taken, they are in the catalog: the next feed of them needs no --all.
	_, r = take(t, book, strings.Replace(text, `"input": 1,`, `"input": 1.01,`, 1), Options{AsOf: day(t, "2026-08-01")})
	if got := outcome(r); got != "took openai/omega 1.01/2 2026-08-01.., unchanged 2, confirmed 2" {
		t.Error(got)
	}
}

// A route's own models are its own; those of vendors that are known are held only
// where nothing else is known.
func TestRoutes(t *testing.T) {
	text := `{"data": [{"id": "openai/alpha", "pricing": {"prompt": "0.000001", "completion": "0.000004"}},
		{"id": "other/beta", "pricing": {"prompt": "0.000001", "completion": "0.000004"}}]}`
	book, r := take(t, Book{}, text, Options{AsOf: day(t, "2026-10-01"), All: true, Accept: []string{"all"}})
	if got := outcome(r); got != "took alpha 1/4 2026-10-01.. (a route's price, not the vendor's own), took openrouter/other/beta 1/4" {
		t.Error(got)
	}
	c, _ := book.Over(base(t))
	m, _ := c.Lookup("alpha")
	if p := m.PriceOn(day(t, "2026-11-01")); p.Source != "the list of June" {
		t.Errorf("%s by %s holds", say(p), p.Source)
	}
}

func TestDatesOfFeeds(t *testing.T) {
	feed := read(t, alpha("2", "8", ""))
	for _, c := range []struct{ own, given, want string }{
		{"", "", "the feed has no date of its own, and its prices need one"},
		{"", "2026-07-01", ""},
		{"2026-07-01", "", ""},
		{"2026-07-01", "2026-07-01", ""},
		{"2026-07-01", "2026-07-02", "the feed says that it is of 2026-07-01, not of 2026-07-02"},
	} {
		var o Options
		feed.AsOf = costmodel.Date{}
		if c.own != "" {
			feed.AsOf = day(t, c.own)
		}
		if c.given != "" {
			o.AsOf = day(t, c.given)
		}
		_, r, err := Import(base(t), Book{}, feed, o)
		if c.want == "" {
			if err != nil || r.AsOf != day(t, "2026-07-01") {
				t.Errorf("%+v: %v, of %s", c, err, r.AsOf)
			}
			continue
		}
		if got := refusal(t, err); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

func TestAcceptingWhatIsNotThere(t *testing.T) {
	_, _, err := Import(base(t), Book{}, read(t, alpha("2", "8", "")), Options{AsOf: day(t, "2026-07-01"), Accept: []string{"alhpa"}})
	if got := refusal(t, err); got != `the feed has no price to accept for "alhpa"` {
		t.Error(got)
	}
}

// Whatever comes in whatever order: importing twice changes nothing, no interval
// is ever gone, every price is counted once, and the newest that a source said is
// what its history ends with.
func TestImportLaws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var book Book
		seen := map[string]bool{}
		for range rapid.IntRange(1, 6).Draw(rt, "feeds") {
			price := rapid.SampledFrom([]string{"2", "2.01", "3", "0", "50", "null"})
			text := alpha(price.Draw(rt, "input"), price.Draw(rt, "output"), rapid.SampledFrom([]string{
				"", `, "cache_read": 0.5`, `, "tiers": [{"input": 4, "output": 9, "tier": {"type": "context", "size": 5}}]`,
			}).Draw(rt, "more"))
			if rapid.Bool().Draw(rt, "dated") {
				text = genaiOf(fmt.Sprintf(`[{"prices": {"input_mtok": %s, "output_mtok": 8}}, {"constraint": {"start_date": "2026-0%d-01"}, "prices": {"input_mtok": %s, "output_mtok": 9}}]`,
					price.Draw(rt, "before"), rapid.IntRange(1, 9).Draw(rt, "start"), price.Draw(rt, "after")))
			}
			o := Options{AsOf: day(t, fmt.Sprintf("2026-0%d-15", rapid.IntRange(1, 9).Draw(rt, "month")))}
			if rapid.Bool().Draw(rt, "accept") {
				o.Accept = []string{AcceptAll}
			}
			f, err := Read(strings.NewReader(text))
			if err != nil {
				rt.Fatal(err)
			}
			n := f.Skipped.Total()
			for _, l := range f.Listings {
				n += len(l.Prices)
			}
			once, r, err := Import(base(t), book, f, o)
			if errors.As(err, new(*costmodel.InputError)) && len(f.Listings) == 0 {
				continue // there is nothing to accept
			}
			if err != nil {
				rt.Fatal(err)
			}
			if got := len(r.Taken) + len(r.Flagged) + r.Skipped.Total(); got != n {
				rt.Fatalf("%d of %d prices are counted: %s", got, n, outcome(r))
			}
			again, r2, err := Import(base(t), once, f, o)
			if err != nil || len(r2.Taken) > 0 || !bytes.Equal(writeBook(t, once), writeBook(t, again)) {
				rt.Fatalf("the second import of %s as of %s: %v, %s", text, o.AsOf, err, outcome(r2))
			}
			book = once
			now := map[string]bool{}
			for _, m := range book.models {
				for _, p := range m.Prices {
					now[p.Source+" "+rates(p.Rates())+" "+p.From.String()] = true
				}
			}
			for interval := range seen {
				if !now[interval] {
					rt.Fatalf("%s is gone", interval)
				}
			}
			seen = now
		}
	})
}
