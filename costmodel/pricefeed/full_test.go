package pricefeed

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"costping/costmodel"
)

// The three full feeds, where COSTPING_FEEDS names a folder with them: each
// imports, and a second time changes nothing.
func TestFullFeeds(t *testing.T) {
	folder := os.Getenv("COSTPING_FEEDS")
	if folder == "" {
		t.Skip("COSTPING_FEEDS names no folder with feeds")
	}
	for file, asOf := range map[string]string{
		"litellm_model_prices_and_context_window.json": "2026-07-24",
		"modelsdev_api.json":                           "2026-07-02",
		"genai_prices_v2_data.json":                    "2026-08-21",
	} {
		data, err := os.ReadFile(filepath.Join(folder, file))
		if err != nil {
			t.Fatal(err)
		}
		day, err := costmodel.ParseDate(asOf)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range []Options{{}, {Accept: []string{AcceptAll}}, {All: true}, {All: true, Accept: []string{AcceptAll}}} {
			o.AsOf = day
			feed, err := Read(bytes.NewReader(data))
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			once, r, err := Import(costmodel.Default(), Book{}, feed, o)
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			t.Logf("%s all=%v accept=%v: %d models listed, %d taken, %d flagged, %d confirmed, %d skipped:",
				feed.Source, o.All, o.Accept, len(feed.Listings), len(r.Taken), len(r.Flagged), r.Confirmed, r.Skipped.Total())
			for _, why := range r.Skipped.Reasons() {
				t.Logf("    %5d %s", r.Skipped[why], why.Words())
			}
			if !o.All {
				for _, c := range r.Flagged {
					t.Logf("    flagged %s: %v", c.Model, c.Flags)
				}
				for _, c := range r.Taken {
					t.Logf("    taken %s %s %s: %s/%s %v %v", c.Model, c.Price.Service, c.Price.Hours, c.Price.Input, c.Price.Output, c.Price.From, c.Price.Until)
				}
			}
			written := writeBook(t, once)
			read, err := ReadBook(bytes.NewReader(written))
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			again, r2, err := Import(costmodel.Default(), read, feed, o)
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			if len(r2.Taken) != 0 || r2.Confirmed != 0 || len(r2.Flagged) != len(r.Flagged) || !bytes.Equal(writeBook(t, again), written) {
				t.Errorf("%s: the second import took %d, confirmed %d, flagged %d", file, len(r2.Taken), r2.Confirmed, len(r2.Flagged))
				for i, c := range r2.Taken {
					if i < 5 {
						t.Logf("%+v", c)
					}
				}
			}
		}
	}
}

func writeBook(t testing.TB, b Book) []byte {
	t.Helper()
	var buf bytes.Buffer
	if _, err := b.WriteTo(&buf); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}
