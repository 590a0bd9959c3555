package pricefeed

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"costping/costmodel"

	"pgregory.net/rapid"
)

// round is a feed that is imported again and again, as of its day.
type round struct{ asOf, text string }

// trimmed are feeds that name the same models in the ways in which the real ones
// do: with the names of others as API ids, under a vendor's name at a gateway, and
// twice within one.
var trimmed = []round{
	{"2026-08-21", `[
		{"id": "anthropic", "name": "Anthropic", "models": [
			{"id": "opus-4-0", "match": {"or": [{"equals": "opus-4-0"}, {"equals": "opus-4-20250514"}]}, "prices": {"input_mtok": 15, "output_mtok": 75}},
			{"id": "haiku", "match": {"starts_with": "haiku"}, "prices": {"input_mtok": 1, "output_mtok": 5}}]},
		{"id": "x-ai", "name": "xAI", "models": [{"id": "grok-2", "match": {"equals": "grok-2-1212"}, "prices": {"input_mtok": 2, "output_mtok": 10}}]}]`},
	{"2026-07-02", `{
		"merge": {"name": "Merge Gateway", "models": {
			"anthropic/opus-4-20250514": {"id": "anthropic/opus-4-20250514", "cost": {"input": 16, "output": 76}},
			"xai/grok-2": {"id": "xai/grok-2", "cost": {"input": 3, "output": 11}},
			"openai/alpha": {"id": "openai/alpha", "cost": {"input": 3, "output": 9}}}},
		"anthropic": {"name": "Anthropic", "models": {
			"opus-4-0": {"id": "opus-4-0", "cost": {"input": 15, "output": 75}},
			"opus-4-20250514": {"id": "opus-4-20250514", "cost": {"input": 15, "output": 75}}}},
		"azure": {"models": {"grok-2": {"id": "grok-2", "cost": {"input": 2, "output": 10}}, "alpha": {"id": "alpha", "cost": {"input": 2, "output": 8}}}}}`},
	{"2026-07-24", `{
		"opus-4-20250514": {"litellm_provider": "anthropic", "mode": "chat", "input_cost_per_token": 15e-6, "output_cost_per_token": 75e-6},
		"xai/grok-2": {"litellm_provider": "xai", "mode": "chat", "input_cost_per_token": 2e-6, "output_cost_per_token": 10e-6},
		"xai/grok-2-vision": {"litellm_provider": "xai", "mode": "chat", "input_cost_per_token": 2e-6, "output_cost_per_token": 10e-6},
		"vercel_ai_gateway/xai/grok-2": {"litellm_provider": "vercel_ai_gateway", "mode": "chat", "input_cost_per_token": 2e-6, "output_cost_per_token": 10e-6},
		"vercel_ai_gateway/xai/grok-2-vision": {"litellm_provider": "vercel_ai_gateway", "mode": "chat", "input_cost_per_token": 2e-6, "output_cost_per_token": 10e-6},
		"vercel_ai_gateway/anthropic/opus-4-20250514": {"litellm_provider": "vercel_ai_gateway", "mode": "chat", "input_cost_per_token": 15e-6, "output_cost_per_token": 75e-6},
		"groq/compound": {"litellm_provider": "groq", "mode": "chat", "input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6},
		"groq/groq/compound": {"litellm_provider": "groq", "mode": "chat", "input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6}}`},
}

// asked are the names by which somebody may ask for a model of the feeds.
func asked(feeds []round, read func(string) Feed) []string {
	var names []string
	for _, f := range feeds {
		for _, l := range read(f.text).Listings {
			for _, name := range append([]string{l.ID}, l.APIIDs...) {
				names = append(names, name, l.Provider+"/"+name, name+"@"+l.Provider)
			}
		}
	}
	return names
}

// Whatever feeds come in whatever order: a name never answers another provider
// than before, and a second round takes nothing and makes no model.
func TestRoundsOfFeeds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		feeds := rapid.Permutation(trimmed).Draw(rt, "order")
		book := rounds(t, rt, base(t), feeds, 3)
		for _, m := range book.models {
			if strings.Contains(m.ID, "@") {
				rt.Fatalf("%s is a second model: %v", m.ID, m.APIIDs)
			}
		}
	})
}

// The same of the full feeds, where COSTPING_FEEDS names a folder with them.
func TestRoundsOfFullFeeds(t *testing.T) {
	folder := os.Getenv("COSTPING_FEEDS")
	if folder == "" {
		t.Skip("COSTPING_FEEDS names no folder with feeds")
	}
	var feeds []round
	for _, f := range []round{
		{"2026-08-21", "genai_prices_v2_data.json"},
		{"2026-07-02", "modelsdev_api.json"},
		{"2026-07-24", "litellm_model_prices_and_context_window.json"},
	} {
		text, err := os.ReadFile(filepath.Join(folder, f.text))
		if err != nil {
			t.Fatal(err)
		}
		feeds = append(feeds, round{f.asOf, string(text)})
	}
	for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		rounds(t, t, costmodel.Default(), []round{feeds[order[0]], feeds[order[1]], feeds[order[2]]}, 2)
	}
}

// rounds imports the feeds so many times over, and fails where a later round does
// anything or a name changes hands. It returns the book.
func rounds(t *testing.T, rt interface {
	Fatalf(format string, args ...any)
	Fatal(args ...any)
}, base *costmodel.Catalog, feeds []round, times int,
) Book {
	names := asked(feeds, func(text string) Feed { return read(t, text) })
	var book Book
	answers := map[string]string{}
	for n := range times {
		for _, f := range feeds {
			after, r, err := Import(base, book, read(t, f.text), Options{AsOf: day(t, f.asOf), All: true, Accept: []string{AcceptAll}})
			if err != nil {
				rt.Fatal(err)
			}
			if n > 0 && (len(r.Taken) > 0 || len(after.models) != len(book.models)) {
				rt.Fatalf("round %d of %s: %s", n+1, r.Source, outcome(r))
			}
			book = after
			c, err := book.Over(base)
			if err != nil {
				rt.Fatal(err)
			}
			for _, name := range names {
				m, ok := c.Lookup(name)
				if before := answers[name]; ok && before != "" && before != m.Provider {
					rt.Fatalf("%s was %s's and is %s's", name, before, m.Provider)
				}
				if ok {
					answers[name] = m.Provider
				}
			}
		}
	}
	return book
}

// The API ids of a new model are each there once, in whatever case.
func TestDistinctAPIIDs(t *testing.T) {
	book, _ := take(t, Book{}, `[{"id": "x-ai", "models": [{"id": "omega", "match": {"or": [{"equals": "Omega"}, {"equals": "omega-1"}, {"starts_with": "omega-1"}]}, "prices": {"input_mtok": 1, "output_mtok": 2}}]}]`,
		Options{AsOf: day(t, "2026-07-01"), All: true})
	if got := book.models[0].APIIDs; !slices.Equal(got, []string{"omega", "omega-1"}) {
		t.Errorf("%q", got)
	}
}

// A name of the catalog stays its own, whoever comes to host what it looks like.
func TestNamesOfTheCatalogStay(t *testing.T) {
	own, err := costmodel.LoadCatalog(strings.NewReader(strings.Replace(small, `"alpha-2026-01-01"`, `"alpha-2026-01-01", "newcomer/alpha"`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	feed := read(t, `{"newcomer": {"models": {"alpha": {"id": "alpha", "cost": {"input": 3, "output": 9}}}}}`)
	o := Options{AsOf: day(t, "2026-07-01"), All: true}
	book, _, err := Import(own, Book{}, feed, o)
	if err != nil {
		t.Fatal(err)
	}
	c, err := book.Over(own)
	if err != nil {
		t.Fatal(err)
	}
	if m, _ := c.Lookup("newcomer/alpha"); m.Provider != "openai" {
		t.Errorf("it is %s's", m.Provider)
	}
	if m, _ := c.HostedBy("newcomer", "alpha@newcomer"); m.Provider != "newcomer" {
		t.Errorf("the newcomer has %+v", m)
	}
	if _, r, err := Import(own, book, feed, o); err != nil || len(r.Taken) > 0 {
		t.Errorf("%v: %s", err, outcome(r))
	}
}
