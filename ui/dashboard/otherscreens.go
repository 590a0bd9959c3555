package dashboard

import "costping/ui/dashboard/screen"

func placeholder(name string, lit knob) page {
	return page{name: name, lit: lit, body: func(m *Model) screen.Body {
		w := newWhy(m)
		return screen.Whole{Drawing: w.sheet(m)}
	}}
}

func reliabilityScreen() page { return placeholder("Reliability", split) }
