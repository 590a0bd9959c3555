package pricefeed

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"costping/costmodel"
)

const (
	litellmFeed = `{
 "sample_spec": {"litellm_provider": "one of https://docs", "mode": "one of: chat, embedding", "max_tokens": "LEGACY", "input_cost_per_token": 0},
 "alpha": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 2e-06, "output_cost_per_token": 8e-06}
}`
	modelsDevFeed = `{"openai": {"id": "openai", "env": ["KEY"], "name": "OpenAI", "models": {
 "alpha": {"id": "alpha", "name": "Alpha", "cost": {"input": 2, "output": 8}}
}}}`
	openRouterFeed = `{"data": [{"id": "openai/alpha", "pricing": {"prompt": "0.000002", "completion": "0.000008"}}]}`
	genaiFeed      = `[{"id": "openai", "extractors": [{"root": "usage"}], "models": [
 {"id": "alpha", "match": {"equals": "alpha"}, "prices": {"input_mtok": 2, "output_mtok": 8}}
]}]`
)

// A feed is told by what is in it, and all of them say the same of this model.
func TestFeedsAreToldByShape(t *testing.T) {
	for source, text := range map[string]string{
		"LiteLLM": litellmFeed, "models.dev": modelsDevFeed, "OpenRouter": openRouterFeed, "genai-prices": genaiFeed,
	} {
		for name, text := range map[string]string{
			"as it is": text, "with a byte order mark": "\ufeff" + text, "with space around": "\r\n\t " + text + "\n\n",
		} {
			f := read(t, text)
			if f.Source != source || len(f.Listings) != 1 || !f.AsOf.IsZero() {
				t.Fatalf("%s %s: it is %s with %d models of %q", source, name, f.Source, len(f.Listings), f.AsOf)
			}
			if got := sayAll(f.Listings[0].Prices); got != "2/8" {
				t.Errorf("%s %s: %s", source, name, got)
			}
			if f.Route != (source == "OpenRouter") {
				t.Errorf("%s is a route: %v", source, f.Route)
			}
		}
	}
}

// The outline has a limit: what tells a feed may not come after it.
func TestShapeIsToldFromTheBeginning(t *testing.T) {
	far := `{"padding": {"text": "` + strings.Repeat("x", outlineBytes) + `"}, ` + litellmFeed[1:]
	if _, err := Read(strings.NewReader(far)); err == nil {
		t.Error("a feed was told by what stands far behind")
	}
	near := `{"padding": {"text": "x"}, ` + litellmFeed[1:]
	if f := read(t, near); f.Source != "LiteLLM" || f.Skipped[NotAModel] != 2 {
		t.Errorf("%+v", f)
	}
}

func TestFeedsWithADate(t *testing.T) {
	for _, text := range []string{
		`{"updated_at": "2026-07-24", ` + litellmFeed[1:],
		`{"generated_at": "2026-07-24T18:23:00Z", ` + modelsDevFeed[1:],
		openRouterFeed[:len(openRouterFeed)-1] + `, "as_of": "2026-07-24"}`,
	} {
		if f := read(t, text); f.AsOf != day(t, "2026-07-24") || len(f.Listings) != 1 {
			t.Errorf("%s: of %q, %d models", f.Source, f.AsOf, len(f.Listings))
		}
	}
	for _, text := range []string{
		`{"updated_at": "2026-13-24", ` + litellmFeed[1:],
		`{"updated_at": 1784000000, ` + litellmFeed[1:],
		`{"updated_at": "", ` + litellmFeed[1:],
	} {
		if f := read(t, text); !f.AsOf.IsZero() {
			t.Errorf("%s: of %q", f.Source, f.AsOf)
		}
	}
}

func TestWhatIsNoFeed(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "the feed is empty"},
		{" \n ", "the feed is empty"},
		{"<!doctype html><title>Not found</title>", "this is a web page, not a price feed"},
		{"Too many requests", "this is not a JSON document"},
		{`"a string"`, "this is not a JSON document"},
		{"{}", "the JSON is not of a price feed that is known"},
		{"[]", "the JSON is not of a price feed that is known"},
		{`{"data": {"models": []}}`, "the JSON is not of a price feed that is known"},
		{`{"choices": [{"message": {"content": "hi"}}]}`, "the JSON is not of a price feed that is known"},
		{`[{"models": 5}]`, "the JSON is not of a price feed that is known"},
		{`{"data": []}`, "the feed has no models"},
		{litellmFeed + litellmFeed, "the feed is broken: there is more than one JSON document"},
		{litellmFeed + " and more", "the feed is broken at byte"},
		{strings.Replace(litellmFeed, "2e-06", "2e-06 3", 1), "the feed is broken at byte"},
		{modelsDevFeed[:len(modelsDevFeed)-1] + `, "other": 5}`, "the feed is broken: the JSON changes its shape halfway"},
	} {
		_, err := Read(strings.NewReader(c.text))
		if got := refusal(t, err); !strings.HasPrefix(got, c.want) {
			t.Errorf("%.40q: %s, want %s", c.text, got, c.want)
		}
	}
}

// Cut off anywhere, a feed is refused: half of the prices would pass for all.
func TestCutFeeds(t *testing.T) {
	for _, text := range []string{litellmFeed, modelsDevFeed, openRouterFeed, genaiFeed} {
		for end := range len(text) {
			f, err := Read(strings.NewReader(text[:end]))
			if err == nil {
				t.Fatalf("cut at %d it is a feed of %d models:\n%s", end, len(f.Listings), text[:end])
			}
			refusal(t, err)
		}
		_, err := Read(strings.NewReader(text[:len(text)*9/10]))
		if got := refusal(t, err); got != "the feed is cut off: its JSON does not end" {
			t.Errorf("%s", got)
		}
	}
}

// endless is a feed without an end, that counts what is read of it.
type endless struct {
	head string
	unit string
	read int64
}

func (e *endless) Read(p []byte) (int, error) {
	n := 0
	if e.read > 4*MaxBytes {
		return 0, io.EOF // whoever reads on has no bound
	}
	if e.head != "" {
		n = copy(p, e.head)
		e.head = e.head[n:]
	}
	for n < len(p) {
		c := copy(p[n:], e.unit[int(e.read+int64(n))%len(e.unit):])
		n += c
	}
	e.read += int64(n)
	return n, nil
}

func TestHugeFeedsAreNotReadWhole(t *testing.T) {
	space := &endless{head: `{"alpha": {"litellm_provider": "openai"}`, unit: " "}
	_, err := Read(space)
	if got := refusal(t, err); got != "the feed is larger than 64 MiB" {
		t.Error(got)
	}
	if space.read > MaxBytes+outlineBytes {
		t.Errorf("%d bytes were read", space.read)
	}
}

func TestTooManyModels(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"data": [`)
	for i := range maxModels + 1 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":"a/%d","pricing":{"prompt":"1","completion":"1"}}`, i)
	}
	b.WriteString("]}")
	_, err := Read(strings.NewReader(b.String()))
	if got := refusal(t, err); got != "the feed has more than 100000 models" {
		t.Error(got)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// What a reader fails with is kept: it is no fault of the feed.
func TestReaderFails(t *testing.T) {
	boom := errors.New("boom")
	for _, r := range []io.Reader{failing{boom}, io.MultiReader(strings.NewReader(litellmFeed[:200]), failing{boom})} {
		_, err := Read(r)
		var input *costmodel.InputError
		if !errors.Is(err, boom) || errors.As(err, &input) {
			t.Errorf("%v", err)
		}
	}
}

// Names that a terminal or a table could not show are no models; the rest of the
// feed is.
func TestHostileNames(t *testing.T) {
	for _, id := range []string{`\u001b[31mred`, `a\nb`, ``, ` alpha`, strings.Repeat("x", 201), `a\u202eb`} {
		f := read(t, `{"data": [{"id": "`+id+`", "pricing": {"prompt": "1", "completion": "2"}},
			{"id": "openai/alpha", "name": "\u001b[31m", "pricing": {"prompt": "0.1", "completion": "0.2"}}]}`)
		if len(f.Listings) != 1 || f.Skipped[UnreadableID] != 1 || f.Listings[0].Name != "openai/alpha" {
			t.Errorf("%q: %+v", id, f)
		}
	}
}

// Nor is a host whose id would pass for a host with a name behind it.
func TestHostileHosts(t *testing.T) {
	for _, text := range []string{
		strings.Replace(litellmFeed, `"openai"`, `"open/ai"`, 1), strings.Replace(modelsDevFeed, `"openai"`, `"open/ai"`, 1),
		strings.Replace(genaiFeed, `"openai"`, `"open/ai"`, 1),
	} {
		if f := read(t, text); len(f.Listings) != 0 || f.Skipped[UnreadableID] != 1 {
			t.Errorf("%s: %+v", f.Source, f)
		}
	}
}

// A record of another shape is counted, and the feed goes on behind it.
func TestRecordsNotUnderstood(t *testing.T) {
	for _, text := range []string{
		`{"x": 5, "y": [1], ` + litellmFeed[1:],
		strings.Replace(modelsDevFeed, `"models": {`, `"models": {"x": {"id": {}}, "y": {"cost": "free"},`, 1),
		strings.Replace(openRouterFeed, `[`, `[{"id": 5}, {"pricing": []},`, 1),
		strings.Replace(genaiFeed, `"models": [`, `"models": [{"id": 1}, {"id": "x", "prices": 5},`, 1),
	} {
		if f := read(t, text); len(f.Listings) != 1 || f.Skipped[BadRecord] != 2 {
			t.Errorf("%s: %d models, skipped %v", f.Source, len(f.Listings), f.Skipped)
		}
	}
}

// All that may be read is read before any of it is decoded, so that blanks which
// come in small pieces are gone over once: what is broken from its first byte on is
// too large all the same.
func TestFeedsAreReadBeforeTheyAreDecoded(t *testing.T) {
	blanks := strings.NewReader(strings.Repeat(" ", MaxBytes))
	_, err := Read(io.MultiReader(strings.NewReader(`[x`), blanks))
	if got := refusal(t, err); got != "the feed is larger than 64 MiB" {
		t.Error(got)
	}
	f := read(t, strings.Repeat("\n ", outlineBytes)+alpha("2", "8", ""))
	if len(f.Listings) != 1 {
		t.Errorf("behind blanks: %v", f.Listings)
	}
}
