package pricefeed

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"costping/costmodel"
)

// full is a book with everything that a price may have.
func full(t testing.TB) Book {
	t.Helper()
	o := Options{AsOf: day(t, "2026-07-01"), All: true, Accept: []string{AcceptAll}}
	book, _ := take(t, Book{}, `{"alpha": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 8.333333333333334e-08, "output_cost_per_token": 8e-06,
		"input_cost_per_token_above_200k_tokens": 4e-06, "cache_read_input_token_cost": 0, "output_cost_per_reasoning_token": null,
		"input_cost_per_token_batches": 4.166666666666667e-08, "output_cost_per_token_batches": 4e-06,
		"input_cost_per_token_flex": 1e-06, "output_cost_per_token_flex": 4e-06},
		"new": {"litellm_provider": "x", "mode": "embedding", "input_cost_per_token": 1e-08, "deprecation_date": "2027-01-01", "max_input_tokens": 5, "supports_vision": true, "supports_function_calling": false}}`, o)
	book, _ = take(t, book, `[{"id": "deepseek", "models": [{"id": "night", "match": {}, "prices": [{"prices": {"input_mtok": 0.2, "output_mtok": 0.4}},
		{"constraint": {"start_time": "16:30:00Z", "end_time": "00:30:00Z", "start_date": "2026-01-01"}, "prices": {"input_mtok": 0.1, "output_mtok": 0.2}}]}]}]`, o)
	book, _ = take(t, book, `{"data": [{"id": "openai/alpha", "pricing": {"prompt": "1e-6", "completion": "2e-6"}}]}`, o)
	return book
}

func TestBookRoundTrip(t *testing.T) {
	book := full(t)
	text := writeBook(t, book)
	again, err := ReadBook(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if len(again.models) != 3 || !bytes.Equal(writeBook(t, again), text) {
		t.Errorf("%d models:\n%s", len(again.models), text)
	}
	for i, m := range book.models {
		for j, p := range m.Prices {
			if q := again.models[i].Prices[j]; !p.Equal(q) {
				t.Errorf("%s: %s became %s", m.ID, say(p), say(q))
			}
		}
	}
	// Every decimal is kept, also beyond the ten places that other outputs have.
	if !strings.Contains(string(text), `"0.08333333333333334"`) {
		t.Errorf("a price was rounded:\n%s", text)
	}
	empty, err := ReadBook(bytes.NewReader(writeBook(t, Book{})))
	if err != nil || len(empty.models) != 0 {
		t.Errorf("%v, %d models", err, len(empty.models))
	}
}

func TestDamagedBooks(t *testing.T) {
	good := string(writeBook(t, full(t)))
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "the price book is damaged: it is cut off"},
		{"cut", good[:len(good)/2], "the price book is damaged: it is cut off"},
		{"garbage", "\x00\x01", "the price book is damaged at line 1: it is not JSON from there on"},
		{"no JSON", strings.Replace(good, `"models": [`, `"models": [,`, 1), "the price book is damaged at line 3: it is not JSON from there on"},
		{"two documents", good + good, "the price book is damaged: it is not one document in the form costping.prices/1"},
		{"no format", strings.Replace(good, bookFormat, "", 1), "the price book is damaged: it is not one document in the form costping.prices/1"},
		{"an unknown member", strings.Replace(good, `"kind"`, `"sort"`, 1), `the price book is damaged at line`},
		{"a negative price", strings.Replace(good, `"output": "8"`, `"output": "-8"`, 1), `the price book is damaged at "alpha"`},
		{"a price that is none", strings.Replace(good, `"output": "8"`, `"output": "free"`, 1), `the price book is damaged at "alpha"`},
		{"a date that is none", strings.Replace(good, `"2026-07-01"`, `"2026-02-30"`, 1), `the price book is damaged at line`},
		{"a service that is none", strings.Replace(good, `"flex"`, `"cheap"`, 1), `the price book is damaged: model "alpha" has the service tier`},
		{"hours that are none", strings.Replace(good, `"16:30-00:30"`, `"always"`, 1), `the price book is damaged at line`},
		{"no source", strings.Replace(good, `"source": "LiteLLM"`, `"source": ""`, 1), "the price book is damaged: model"},
		{"an escape sequence", strings.Replace(good, `"LiteLLM"`, `"\u001b[31m"`, 1), "the price book is damaged: model"},
		{"a tier that does not rise", strings.Replace(good, `"above": 200000`, `"above": 0`, 1), "the price book is damaged: model"},
		{"out of order", strings.Replace(good, `"id": "alpha"`, `"id": "zulu"`, 1), "the price book is damaged: its models are not in order"},
	} {
		if c.text == good {
			t.Fatalf("%s: nothing is damaged", c.name)
		}
		_, err := ReadBook(strings.NewReader(c.text))
		if got := refusal(t, err); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	_, err := ReadBook(strings.NewReader(`{"format": "costping.prices/2", "models": [], "more": 1}`))
	if !errors.Is(err, ErrNewerBook) || errors.As(err, new(*costmodel.InputError)) {
		t.Errorf("a later version: %v", err)
	}
	space := &endless{head: "{", unit: " "}
	if _, err := ReadBook(space); !strings.HasPrefix(refusal(t, err), "the price book is larger") {
		t.Error(err)
	}
}
