package pricefeed

import (
	"testing"

	"costping/costmodel"
)

func genaiOf(prices string) string {
	return `[{"id": "openai", "models": [{"id": "alpha", "match": {"equals": "alpha"}, "prices": ` + prices + `}]}]`
}

func TestGenaiPrices(t *testing.T) {
	for _, c := range []struct{ name, prices, want string }{
		{"plain", `{"input_mtok": 2.5, "cache_read_mtok": 1.25, "output_mtok": 10}`, "2.5/10 cached 1.25"},
		{"other units beside tokens", `{"input_mtok": 5, "output_mtok": 10, "output_image_mtok": 32, "web_searches_kcount": 10, "cache_write_1h_mtok": 8}`, "5/10"},
		{
			"tiers", `{"input_mtok": {"base": 1, "tiers": [{"start": 272000, "price": 2}]}, "output_mtok": {"base": 6, "tiers": [{"start": 272000, "price": 9}]}, "cache_read_mtok": 0.1}`,
			"1/6 cached 0.1 >272K 2/9 cached 0.1",
		},
		{
			"tiers that begin apart", `{"input_mtok": {"base": 1, "tiers": [{"start": 256000, "price": 3}, {"start": 128000, "price": 2}]}, "output_mtok": {"base": 6, "tiers": [{"start": 200000, "price": 9}]}}`,
			"1/6 >128K 2/6 >200K 2/9 >256K 3/9",
		},
		{"a date", `[{"prices": {"input_mtok": 10, "output_mtok": 40}}, {"constraint": {"start_date": "2025-06-10"}, "prices": {"input_mtok": 2, "output_mtok": 8}}]`, "10/40 ..2025-06-10; 2/8 2025-06-10.."},
		{
			"two dates", `[{"prices": {"input_mtok": 3, "output_mtok": 3}}, {"constraint": {"start_date": "2025-01-01"}, "prices": {"input_mtok": 2, "output_mtok": 2}}, {"constraint": {"start_date": "2026-01-01"}, "prices": {"input_mtok": 1, "output_mtok": 1}}]`,
			"3/3 ..2025-01-01; 2/2 2025-01-01..2026-01-01; 1/1 2026-01-01..",
		},
		{"hours", `[{"prices": {"input_mtok": 0.135, "output_mtok": 0.55}}, {"constraint": {"start_time": "00:30:00Z", "end_time": "16:30:00Z"}, "prices": {"input_mtok": 0.27, "output_mtok": 1.1}}]`, "0.135/0.55; 0.27/1.1 00:30-16:30"},
		{"the last that matches holds", `[{"constraint": {"start_date": "2026-01-01"}, "prices": {"input_mtok": 1, "output_mtok": 1}}, {"prices": {"input_mtok": 2, "output_mtok": 2}}]`, "2/2"},
		{
			"dates out of order", `[{"prices": {"input_mtok": 3, "output_mtok": 3}}, {"constraint": {"start_date": "2025-01-01"}, "prices": {"input_mtok": 2, "output_mtok": 2}}, {"constraint": {"start_date": "2024-01-01"}, "prices": {"input_mtok": 1, "output_mtok": 1}}]`,
			"3/3 ..2024-01-01; 1/1 2024-01-01..",
		},
		{"no charge for output", `{"input_mtok": 1, "output_mtok": 0}`, "1/0"},
	} {
		if got := sayAll(one(t, genaiOf(c.prices)).Prices); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	for prices, want := range map[string]Reason{
		`{}`:                                     NoPrice,
		`{"input_mtok": 1}`:                      NoPrice,
		`{"input_mtok": null, "output_mtok": 1}`: PriceNull,
		`{"input_mtok": "1x", "output_mtok": 1}`: PriceNotNumber,
		`{"input_mchars": 1}`:                    OtherUnit,
		`{"audio_hours": 1, "output_kpages": 2}`: OtherUnit,
		`{"input_mtok": 1, "output_mtok": 1, "requests_kcount": 5}`:                           PerRequest,
		`{"input_mtok": {"base": 1, "tiers": [{"start": -1, "price": 2}]}, "output_mtok": 1}`: BadTiers,
		`{"input_mtok": {"tiers": [{"start": 5, "price": 2}]}, "output_mtok": 1}`:             NoPrice,
		`[]`: BadRecord,
		`[{"constraint": {"start_date": "soon"}, "prices": {"input_mtok": 1, "output_mtok": 1}}]`:                                    BadCondition,
		`[{"constraint": {"weekday": "Mon"}, "prices": {"input_mtok": 1, "output_mtok": 1}}]`:                                        BadCondition,
		`[{"constraint": {"start_time": "00:30:01Z", "end_time": "16:30:00Z"}, "prices": {"input_mtok": 1, "output_mtok": 1}}]`:      BadCondition,
		`[{"constraint": {"start_time": "00:30:00+02:00", "end_time": "16:30:00Z"}, "prices": {"input_mtok": 1, "output_mtok": 1}}]`: BadCondition,
	} {
		f := read(t, genaiOf(prices))
		if len(f.Listings) != 0 || f.Skipped[want] != 1 {
			t.Errorf("%s: %d models, skipped %v, want %s", prices, len(f.Listings), f.Skipped, want)
		}
	}
}

// A model with a price that no longer has a place keeps the others.
func TestGenaiPartly(t *testing.T) {
	f := read(t, genaiOf(`[{"prices": {"input_mchars": 1}}, {"constraint": {"start_date": "2026-01-01"}, "prices": {"input_mtok": 1, "output_mtok": 2}}]`))
	if len(f.Listings) != 1 || sayAll(f.Listings[0].Prices) != "1/2 2026-01-01.." || f.Skipped[OtherUnit] != 1 {
		t.Errorf("%+v", f)
	}
}

func TestGenaiModel(t *testing.T) {
	f := read(t, `[{"models": [{"id": "a-latest", "name": "A", "context_window": 200000,
		"match": {"or": [{"equals": "a"}, {"starts_with": "a-4"}, {"regex": "^a-\\d"}, {"and": [{"contains": "b"}]}, {"or": [{"equals": "aa"}]}]},
		"prices": {"input_mtok": 1, "output_mtok": 2}}], "name": "X Corp", "id": "x-ai"},
		{"id": "voyageai", "models": [{"id": "voyage-embed", "match": {"equals": "voyage-embed"}, "prices": {"input_mtok": 0.1}}]},
		{"id": "\u001b", "models": [{"id": "x", "match": {}, "prices": {"input_mtok": 1, "output_mtok": 2}}]}]`)
	if len(f.Listings) != 2 || f.Skipped[UnreadableID] != 1 {
		t.Fatalf("%+v", f)
	}
	a, v := f.Listings[0], f.Listings[1]
	if a.Provider != "xai" || a.ProviderName != "X Corp" || a.Context != 200_000 || len(a.APIIDs) != 3 || a.APIIDs[2] != "aa" {
		t.Errorf("%+v", a)
	}
	if v.Kind != costmodel.Embedding || v.Provider != "voyageai" || sayAll(v.Prices) != "0.1/none" {
		t.Errorf("%+v", v)
	}
}
