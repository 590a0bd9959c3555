package costmodel

// MachineCharge is what a machine costs that is one's own, whatever is asked of it.
const MachineCharge Charge = "own machine"

// OnMachine returns what workload w costs on a machine of one's own that costs f,
// however much is asked of it: no tokens are charged, and neither retries nor growth
// add to it. Reviews of malformed answers do. The Price of the spend is unknown: there
// is none by the token.
func OnMachine(f Figure, w Workload) Spend {
	w.Growth = Share{}
	s := Spend{Workload: w, Known: true}
	s.LineItems = append(s.LineItems, LineItem{Charge: MachineCharge, PerDay: USD{r: f.perDay(w.DaysPerMonth)}, Known: true})
	if !w.Malformed.IsZero() && w.countsRequests() {
		s.LineItems = append(s.LineItems, LineItem{Charge: ReviewCharge, PerDay: w.Review.Mul(w.malformedPerDay()), Known: true})
	}
	if err := w.Check(); err != nil {
		s.Known, s.Reason = false, err.Error()
		return s
	}
	s.PerDay = sum(s.LineItems)
	s.PerMonth = s.PerDay.Mul(w.DaysPerMonth.rat())
	s.PerYear = s.PerMonth.Mul(integer(monthsPerYear))
	return s
}

// OnLocal is the spend on a machine of the person's own whose cost nobody has said.
func OnLocal(w Workload) Spend {
	return Spend{Workload: w, Reason: "on this machine, whose cost is not said", Local: true}
}
