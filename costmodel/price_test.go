package costmodel

import (
	"encoding/json"
	"testing"
	"time"
)

func TestRate(t *testing.T) {
	for _, c := range []struct {
		text, shown, json string
		known, absent, ok bool
	}{
		{text: "0.15", shown: "0.15", json: `"0.15"`, known: true, ok: true},
		{text: "0", shown: "0.00", json: `"0"`, known: true, ok: true},
		{text: "10", shown: "10.00", json: `"10"`, known: true, ok: true},
		{text: "0.075", shown: "0.075", json: `"0.075"`, known: true, ok: true},
		{text: "none", shown: "none", json: `"none"`, known: true, absent: true},
		{text: "", shown: "?", json: `null`},
	} {
		r := rate(t, c.text)
		if r.String() != c.shown || r.Known() != c.known || r.Absent() != c.absent {
			t.Errorf("rate %q is %s, known %v, absent %v", c.text, r, r.Known(), r.Absent())
		}
		if _, ok := r.USD(); ok != c.ok {
			t.Errorf("rate %q has an amount: %v", c.text, ok)
		}
		data, err := json.Marshal(r)
		if err != nil || string(data) != c.json {
			t.Errorf("rate %q is %s in JSON, %v", c.text, data, err)
		}
		var back Rate
		if err := json.Unmarshal(data, &back); err != nil || !back.Equal(r) {
			t.Errorf("%s read back as %s, %v", data, back, err)
		}
		text, _ := r.MarshalText()
		if err := back.UnmarshalText(text); err != nil || !back.Equal(r) {
			t.Errorf("%s read back as %s, %v", text, back, err)
		}
	}
	if (Rate{}).Known() || (Rate{}).Equal(NoCharge()) || NoCharge().Equal(rate(t, "0")) {
		t.Error("unknown, absent and 0 are not three things")
	}
	if _, err := NewRate(usd(t, "1").Sub(usd(t, "2"))); err == nil {
		t.Error("a negative rate was taken")
	}
	if r, err := NewRate(usd(t, "2.50")); err != nil || r.String() != "2.50" {
		t.Errorf("NewRate(2.50) is %s, %v", r, err)
	}
	_, err := ParseRate("-1")
	wantInputError(t, err, `amount "-1" is negative`)
	for _, bad := range []string{`0.15`, `"-1"`, `true`} {
		if err := new(Rate).UnmarshalJSON([]byte(bad)); err == nil {
			t.Errorf("%s was read as a rate", bad)
		}
	}
}

func TestPriceOfOneRequest(t *testing.T) {
	mini := price(t, "0.15", "0.60")
	for _, c := range []struct {
		price         Price
		input, output int64
		want          string
		known         bool
	}{
		{mini, 500, 200, "0.000195", true},
		{mini, 60, 128, "0.0000858", true},
		{mini, 0, 0, "0", true},
		{mini, -1, 5, "0", false},
		{mini, 5, -1, "0", false},
		{price(t, "0.15", ""), 500, 0, "0.000075", true},
		{price(t, "0.15", ""), 500, 1, "0", false},
		{price(t, "", "0.60"), 0, 200, "0.00012", true},
		{price(t, "", "0.60"), 1, 200, "0", false},
		{price(t, "0.02", "none"), 1_000_000, 7, "0.02", true},
		{price(t, "0", "0"), 500, 200, "0", true},
		{Price{}, 500, 200, "0", false},
	} {
		got, known := c.price.Cost(c.input, c.output)
		if got.String() != c.want || known != c.known {
			t.Errorf("%d in, %d out at %s/%s is %s, %v; want %s, %v",
				c.input, c.output, c.price.Input, c.price.Output, got, known, c.want, c.known)
		}
	}
}

func TestPriceKnown(t *testing.T) {
	for _, c := range []struct {
		input, output string
		want          bool
	}{
		{"1", "2", true},
		{"0", "0", true},
		{"1", "none", true},
		{"1", "", false},
		{"", "2", false},
		{"", "", false},
	} {
		if got := price(t, c.input, c.output).Known(); got != c.want {
			t.Errorf("price %q/%q known: %v", c.input, c.output, got)
		}
	}
}

func TestPriceJSON(t *testing.T) {
	p := price(t, "0.15", "")
	p.Source, p.AsOf = "a list", date(t, "2026-08-21")
	data, err := json.Marshal(p)
	const want = `{"input_usd_per_1m":"0.15","output_usd_per_1m":null,"source":"a list","as_of":"2026-08-21"}`
	if err != nil || string(data) != want {
		t.Errorf("JSON is %s, %v", data, err)
	}
	var back Price
	if err := json.Unmarshal(data, &back); err != nil || !back.Equal(p) {
		t.Errorf("read back %+v, %v", back, err)
	}
	other := p
	other.AsOf = date(t, "2026-08-22")
	if other.Equal(p) {
		t.Error("prices of two dates are equal")
	}
}

func TestDate(t *testing.T) {
	today, end := date(t, "2026-11-20"), date(t, "2027-01-14")
	if got := today.DaysUntil(end); got != 55 {
		t.Errorf("%s to %s are %d days", today, end, got)
	}
	if got := end.DaysUntil(today); got != -55 {
		t.Errorf("%s to %s are %d days", end, today, got)
	}
	if got := date(t, "0001-01-01").DaysUntil(date(t, "9999-12-31")); got != 3652058 {
		t.Errorf("the calendar has %d days", got)
	}
	if today.Compare(end) != -1 || end.Compare(today) != 1 || today.Compare(today) != 0 ||
		(Date{}).Compare(today) != -1 || today.Compare(Date{}) != 1 || (Date{}).Compare(Date{}) != 0 {
		t.Error("dates are not in order")
	}
	if !(Date{}).IsZero() || (Date{}).String() != "" || !(Date{}).Time().IsZero() || today.IsZero() {
		t.Error("the zero value is not no date")
	}
	east := time.FixedZone("east", 14*3600)
	if got := DateOf(time.Date(2026, 11, 20, 1, 0, 0, 0, east)); got != today {
		t.Errorf("the date in its own zone is %s", got)
	}
	if !DateOf(time.Date(40000, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		t.Error("the year 40000 has a date")
	}
	if d, err := NewDate(2024, time.February, 29); err != nil || d.String() != "2024-02-29" {
		t.Errorf("leap day is %s, %v", d, err)
	}
	_, err := NewDate(2026, time.February, 29)
	wantInputError(t, err, `"2026-02-29" is not a date`)
	for _, bad := range []string{"", "2026-2-1", "2026-13-01", "2026-02-30", "0000-01-01", "2026-01-01T00:00:00Z", "today"} {
		if _, err := ParseDate(bad); err == nil {
			t.Errorf("%q was read as a date", bad)
		}
	}
}

func TestDateJSON(t *testing.T) {
	type record struct{ Released, Retired Date }
	data, err := json.Marshal(record{Released: date(t, "2024-05-13")})
	if err != nil || string(data) != `{"Released":"2024-05-13","Retired":null}` {
		t.Errorf("JSON is %s, %v", data, err)
	}
	back := record{Retired: date(t, "2027-01-14")}
	if err := json.Unmarshal(data, &back); err != nil || back.Released != date(t, "2024-05-13") || !back.Retired.IsZero() {
		t.Errorf("read back %+v, %v", back, err)
	}
	for _, bad := range []string{`""`, `20240513`, `"soon"`} {
		if err := new(Date).UnmarshalJSON([]byte(bad)); err == nil {
			t.Errorf("%s was read as a date", bad)
		}
	}
	text := date(t, "2027-01-14")
	if err := text.UnmarshalText(nil); err != nil || !text.IsZero() {
		t.Errorf("an empty text is the date %s, %v", text, err)
	}
}
