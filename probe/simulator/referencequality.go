package simulator

// ReferenceQuality is how often the answers of a shipped model go wrong. Of one
// extraction 4 % of the JSON was malformed while nothing was enforced, and none
// afterwards; hosted open models are said to invent parameters three times as often
// as others; and facts in requests past 32,000 to 100,000 tokens are found less
// often. The rates beyond that are made up for the demo. The scripts of Reference
// leave it out: whoever tests against them wants right answers.
func ReferenceQuality(model string) Quality {
	const (
		usual  = 45_000
		far    = 70_000
		widest = 100_000
		open   = 12_000
	)
	recall := func(reach int) Recall { return Recall{Reach: reach, Near: 1, Far: 0.95, Middle: 0.55} }
	switch model {
	case "gpt-4o":
		return Quality{
			Schema: []Chance{{Wrapped, 0.02}, {Missing, 0.01}, {NotJSON, 0.01}}, Enforced: []Chance{{WrongValue, 0.01}},
			Tools: []Chance{{WrongTool, 0.03}, {Extra, 0.01}}, Recall: recall(usual),
		}
	case "gpt-4o-mini":
		return Quality{
			Schema: []Chance{{Wrapped, 0.02}, {WrongValue, 0.03}}, Enforced: []Chance{{WrongValue, 0.03}},
			Tools: []Chance{{WrongTool, 0.04}, {Extra, 0.02}}, Recall: recall(usual),
		}
	case "claude-3.5-sonnet", "claude-3.5-haiku":
		return Quality{
			Schema: []Chance{{Extra, 0.01}, {WrongType, 0.005}}, Enforced: []Chance{{Extra, 0.005}},
			Tools: []Chance{{WrongValue, 0.01}}, Recall: recall(far),
		}
	case "llama-3.1-70b":
		return Quality{
			Schema:   []Chance{{NotJSON, 0.02}, {Wrapped, 0.02}, {Missing, 0.02}, {WrongValue, 0.04}},
			Enforced: []Chance{{WrongValue, 0.05}, {CutShort, 0.005}},
			Tools:    []Chance{{Extra, 0.06}, {NoCall, 0.02}, {InvalidArgs, 0.01}}, Recall: recall(open),
		}
	}
	return Quality{
		Schema: []Chance{{Wrapped, 0.02}, {OutOfRange, 0.01}}, Enforced: []Chance{{WrongValue, 0.01}},
		Tools: []Chance{{Extra, 0.02}}, Recall: recall(widest),
	}
}
