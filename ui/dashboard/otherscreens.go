package dashboard

import "costping/ui/dashboard/screen"

func placeholder(name string, lit knob) page {
	return page{name: name, lit: lit, body: func(m *Model) screen.Body {
		w := newWhy(m)
		return screen.Whole{Drawing: w.sheet(m)}
	}}
}

func spendScreen() page       { return placeholder("Spend", volume) }
func chooseScreen() page      { return placeholder("Choose", split) }
func reliabilityScreen() page { return placeholder("Reliability", split) }
