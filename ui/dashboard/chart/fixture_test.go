package chart

import (
	"fmt"
	"math"
	"time"
)

var noon = time.Date(2026, 11, 20, 14, 2, 0, 0, time.UTC)

// day is a made-up day of three models in steps of ten minutes, with a gap.
func day() Lines {
	l := Lines{
		From: noon.Add(-24 * time.Hour), To: noon, Limit: Limit{Value: 800, Label: "limit 800"}, Idle: "no probes",
		Events: []Event{{At: noon.Add(-4 * time.Hour)}, {At: noon.Add(-9 * time.Hour), Bad: true}},
	}
	for i, m := range []struct {
		letter, name string
		level        float64
	}{{"a", "gpt-4o-mini", 379}, {"b", "llama-3.1-70b", 640}, {"c", "gpt-4o", 806}} {
		s := Series{Letter: m.letter, Name: m.name}
		for k := range 144 {
			x := float64(k)
			v := m.level * (1 + 0.1*math.Sin(x/9+float64(i)) + 0.03*math.Sin(x*1.7+float64(3*i)))
			if i == 1 && k > 60 && k < 90 {
				v *= 1.5
			}
			s.Points = append(s.Points, Point{At: l.From.Add(time.Duration(k) * 10 * time.Minute), Value: v, OK: k < 92 || k > 110})
		}
		l.Series = append(l.Series, s)
	}
	return l
}

// banded is one model of that day with a band and the time cursor.
func banded() Lines {
	l := day()
	l.Series = l.Series[:1]
	for _, p := range l.Series[0].Points {
		l.Series[0].Band = append(l.Series[0].Band, Span{p.At, p.Value * 0.85, p.Value * 1.3, p.OK})
	}
	l.Cursor = noon.Add(-10 * time.Hour)
	return l
}

func models() Scatter {
	return Scatter{
		Limit: Limit{Value: 800, Label: "limit 800"}, Frontier: true,
		Spots: []Spot{
			{"", "gemini-2.0-flash", 52.5, 391, Retired, false, false},
			{"a", "gpt-4o-mini", 78.75, 544, Unbeaten, true, false},
			{"b", "llama-3.1-70b", 270, 1898, Beaten, false, true},
			{"", "claude-3.5-haiku", 480, 520, Retired, false, false},
			{"", "gemini-1.5-pro", 656.25, 1969, Retired, false, true},
			{"c", "gpt-4o", 1312.5, 1234, Beaten, false, true},
			{"", "claude-3.5-sonnet", 1800, 1058, Retired, false, true},
			{"", "claude-haiku-4-5", 600, 498, Unbeaten, false, false},
		},
	}
}

// volumes are two models by the token, which never cross, and a machine.
func volumes() Curves {
	c := Curves{Now: 10e6, Crossings: []Crossing{{XY{51.4e6, 6745.6}, "51.4M"}, {XY{856e6, 6745.6}, "856M"}}}
	line := func(letter, name string, at func(float64) float64) {
		curve := Curve{Letter: letter, Name: name}
		for e := 5.0; e <= 9.001; e += 0.05 {
			x := math.Pow(10, e)
			curve.Points = append(curve.Points, XY{x, at(x)})
		}
		c.Curves = append(c.Curves, curve)
	}
	line("a", "gpt-4o-mini", func(x float64) float64 { return x * 7.875e-6 })
	line("c", "gpt-4o", func(x float64) float64 { return x * 1.3125e-4 })
	line("s", "self-host 2× H100", func(float64) float64 { return 6745.6 })
	return c
}

// shares is cost over the share of output.
func shares() Curves {
	c := Curves{LinearX: true, LinearY: true, Now: 25, Crossings: []Crossing{{XY{60, 162}, "60 %"}}}
	for _, m := range []struct {
		letter, name string
		in, out      float64
	}{{"a", "gpt-4o-mini", 45, 240}, {"b", "flash", 102, 202}} {
		curve := Curve{Letter: m.letter, Name: m.name}
		for x := 0.0; x <= 100; x += 5 {
			curve.Points = append(curve.Points, XY{x, m.in + (m.out-m.in)*x/100})
		}
		c.Curves = append(c.Curves, curve)
	}
	return c
}

func waits() Histogram {
	h := Histogram{Marks: []Mark{
		{Name: "p50", Value: 379, Lo: 371, Hi: 387},
		{Name: "p90", Value: 500, Lo: 480, Hi: 530},
		{Name: "p95", Missing: "in 2 h 10 min, max 611"},
	}}
	for k := range 500 {
		q := (float64(k) + 0.5) / 500
		h.Values = append(h.Values, 379*math.Exp(0.22*math.Log(q/(1-q))/1.7))
	}
	return h
}

func hours() Heatmap {
	h := Heatmap{Unit: "ms"}
	for x := range 24 {
		h.Columns = append(h.Columns, fmt.Sprintf("%02d", x))
	}
	for y, name := range []string{"Sat", "Sun", "Mon", "Tue", "Wed", "Thu", "Fri"} {
		h.Rows = append(h.Rows, name)
		var row []Known
		for x := range 24 {
			peak := math.Exp(-math.Pow(float64(x-15), 2) / 18)
			if y < 2 {
				peak *= 0.3
			}
			row = append(row, Known{360 + 90*peak, y < 6 || x < 14})
		}
		h.Cells = append(h.Cells, row)
	}
	h.Cells[3][4].OK = false
	return h
}

// recall is a heatmap of few cells, where small is bad.
func recall() Heatmap {
	known := func(v ...float64) (row []Known) {
		for _, x := range v {
			row = append(row, Known{x, true})
		}
		return row
	}
	return Heatmap{
		Rows: []string{"start", "middle", "end"}, Columns: []string{"4k", "16k", "64k"}, LowIsBad: true, Unit: "%",
		Cells: [][]Known{known(100, 100, 96), known(100, 91, 62), known(100, 98, 90)},
	}
}

func request() Waterfall {
	ms := func(v float64) time.Duration { return time.Duration(v * float64(time.Millisecond)) }
	return Waterfall{Total: "answer", Parts: []Part{
		{"DNS", ms(3.1)}, {"connect", ms(12.4)}, {"TLS", ms(21)}, {"wait", ms(301)}, {"first token", ms(41.5)}, {"rest", ms(861)},
	}}
}

func outcomes() Bars {
	return Bars{Limit: Limit{0.01, "limit 1 %"}, Bars: []Bar{
		{Name: "llama-3.1-70b", Share: 0.045, Lo: 0.029, Hi: 0.07, Text: "18 of 400 (2.9-7.0 %)", Bad: true},
		{Name: "gpt-4o", Share: 0.005, Lo: 0.0014, Hi: 0.018, Text: "2 of 400 (0.1-1.8 %)"},
		{Name: "gpt-4o-mini", Share: 0, Lo: 0, Hi: 0.0095, Text: "0 of 400 (≤ 0.95 %)"},
		{Name: "llama3.2:3b", Unknown: true, Text: "not tried"},
	}}
}
