package simulator

import "math/rand/v2"

// Rehearsed is an answer that a script gives without a server and without time.
type Rehearsed struct {
	Text, Refusal string
	Calls         []KnownCall
	// Cut says that it ends as if the cap had struck.
	Cut bool
}

// Rehearse draws the answer to a question whose right answer is known, as the server
// would put it: tools are the names of those that may be called, tokens the length of
// the request.
func (q Quality) Rehearse(rng *rand.Rand, k Known, tools []string, enforced bool, tokens int) Rehearsed {
	said := q.say(k, tools, q.draw(rng, k, enforced, tokens))
	r := Rehearsed{Refusal: said.full.Refusal, Cut: said.cut}
	r.Text, _ = said.full.Content.(string)
	for _, c := range said.full.ToolCalls {
		r.Calls = append(r.Calls, KnownCall{Name: c.Function.Name, Arguments: c.Function.Arguments})
	}
	return r
}
