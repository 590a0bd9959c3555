package pricefeed

import (
	"bytes"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// holdsOn is the price of alpha that holds on a day, as input/output.
func holdsOn(t testing.TB, book Book, on string) string {
	t.Helper()
	c, err := book.Over(base(t))
	if err != nil {
		t.Fatal(err)
	}
	m, _ := c.Lookup("alpha")
	p := m.PriceOn(day(t, on))
	return string(rateOut(p.Input)) + "/" + string(rateOut(p.Output))
}

// Of two feeds of one source and one day the one that is imported later is the
// newer truth; what it takes the place of is kept as superseded, once.
func TestTheLaterImportOfADayHolds(t *testing.T) {
	o := Options{AsOf: day(t, "2026-07-01"), Accept: []string{AcceptAll}}
	var book Book
	for n, price := range []string{"3", "4", "3", "4"} {
		after, r := take(t, book, alpha(price, "9", ""), o)
		if len(r.Taken) != 1 || holdsOn(t, after, "2026-11-20") != price+"/9" {
			t.Fatalf("import %d: %s; %s holds", n+1, outcome(r), holdsOn(t, after, "2026-11-20"))
		}
		if n > 1 && len(after.models[0].Prices) != len(book.models[0].Prices) {
			t.Errorf("import %d: %s", n+1, sayAll(after.models[0].Prices))
		}
		book = after
	}
	if holdsOn(t, book, "2026-06-15") != "2/8" {
		t.Errorf("before that day %s holds", holdsOn(t, book, "2026-06-15"))
	}
}

// An announcement that the later feed of a day has no longer is withdrawn, and
// stands again once it is back.
func TestAnAnnouncementOfTheSameDay(t *testing.T) {
	o := Options{AsOf: day(t, "2026-07-01"), Accept: []string{AcceptAll}}
	announced := genaiOf(`[{"prices": {"input_mtok": 2, "output_mtok": 8}}, {"constraint": {"start_date": "2026-09-01"}, "prices": {"input_mtok": 3, "output_mtok": 12}}]`)
	plain := genaiOf(`{"input_mtok": 2, "output_mtok": 8}`)
	var book Book
	for _, step := range []struct{ text, holds string }{{announced, "3/12"}, {plain, "2/8"}, {announced, "3/12"}} {
		book, _ = take(t, book, step.text, o)
		if got := holdsOn(t, book, "2026-10-01"); got != step.holds {
			t.Fatalf("%s holds, want %s: %s", got, step.holds, sayAll(book.models[0].Prices))
		}
	}
}

// An announcement that the later feed of a day puts off takes nothing away from what
// holds until then.
func TestAnAnnouncementPutOff(t *testing.T) {
	o := Options{AsOf: day(t, "2026-07-01"), Accept: []string{AcceptAll}}
	of := func(start string) string {
		return genaiOf(`[{"prices": {"input_mtok": 2, "output_mtok": 8}}, {"constraint": {"start_date": "` + start + `"}, "prices": {"input_mtok": 3, "output_mtok": 12}}]`)
	}
	book, _ := take(t, Book{}, of("2026-09-01"), o)
	book, _ = take(t, book, of("2026-10-01"), o)
	for on, holds := range map[string]string{"2026-09-15": "2/8", "2026-10-01": "3/12"} {
		if got := holdsOn(t, book, on); got != holds {
			t.Errorf("on %s %s holds, want %s: %s", on, got, holds, sayAll(book.models[0].Prices))
		}
	}
	if _, r := take(t, book, of("2026-10-01"), o); len(r.Taken) > 0 {
		t.Errorf("again: %s", outcome(r))
	}
}

// Whatever feeds of whatever days come in: the same one again changes nothing, and
// one that is no older than all before it holds from then on. Of different days the
// order does not matter to what holds.
func TestImportsOfDays(t *testing.T) {
	days := []string{"2026-07-01", "2026-07-02", "2026-08-10"}
	rapid.Check(t, func(rt *rapid.T) {
		type file struct{ asOf, price string }
		files := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) file {
			return file{rapid.SampledFrom(days).Draw(rt, "day"), fmt.Sprint(rapid.IntRange(1, 5).Draw(rt, "price"))}
		}), 1, 8).Draw(rt, "files")
		put := func(book Book, f file) Book {
			o := Options{AsOf: day(t, f.asOf), Accept: []string{AcceptAll}}
			after, _ := take(t, book, alpha(f.price, "9", ""), o)
			again, r := take(t, after, alpha(f.price, "9", ""), o)
			if len(r.Taken)+r.Confirmed+r.Withdrawn > 0 || !bytes.Equal(writeBook(t, again), writeBook(t, after)) {
				rt.Fatalf("%v again: %s", f, outcome(r))
			}
			return after
		}
		var book Book
		newest := ""
		last := map[string]file{} // by day
		for _, f := range files {
			book = put(book, f)
			last[f.asOf] = f
			if newest = max(newest, f.asOf); newest == f.asOf && holdsOn(t, book, "2026-11-20") != f.price+"/9" {
				rt.Fatalf("after %v of %v holds %s", f, files, holdsOn(t, book, "2026-11-20"))
			}
		}
		var other Book
		for _, asOf := range rapid.Permutation(days).Draw(rt, "order") {
			if f, ok := last[asOf]; ok {
				other = put(other, f)
			}
		}
		if a, b := holdsOn(t, book, "2026-11-20"), holdsOn(t, other, "2026-11-20"); a != b {
			rt.Fatalf("%s holds, and %s in another order", a, b)
		}
	})
}
