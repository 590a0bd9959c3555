package check

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"costping/probe"
	"costping/probe/simulator"
)

// The beginnings of requests that were made from a seed, and of sums.
var (
	recordOf  = regexp.MustCompile(`^Put record ([0-9a-f]{1,16})-(\d{1,9}) into JSON`)
	requestOf = regexp.MustCompile(`^Request ([0-9a-f]{1,16})-(\d{1,9})\. `)
	sumOf     = regexp.MustCompile(`\b(\d{1,9}) plus (\d{1,9})\b`)
)

// Known is what the simulator needs to answer the checks: the right answers to what
// this package asks, and to sums such as "What is 2 plus 3?". It is pure.
func Known(a simulator.Asked) (simulator.Known, bool) {
	if len(a.Messages) == 0 {
		return simulator.Known{}, false
	}
	text := a.Messages[0].Text
	last := a.Messages[len(a.Messages)-1]
	if m := recordOf.FindStringSubmatch(text); m != nil {
		seed, i := numbersOf(m)
		c := schemaCase(seed, i)
		return simulator.Known{
			Kind: simulator.KindSchema, Text: jsonOf(c.expect), Wrong: c.wrong, Outside: c.outside,
		}, c.Prompt == text
	}
	if m := requestOf.FindStringSubmatch(text); m != nil {
		seed, i := numbersOf(m)
		c := toolCase(seed, i)
		return c.known(last.Role == probe.RoleTool), c.Prompt == text
	}
	if k, ok := knownNeedle(last.Text); ok {
		return k, true
	}
	if m := sumOf.FindStringSubmatch(last.Text); m != nil {
		x, _ := strconv.Atoi(m[1]) // nine digits at most
		y, _ := strconv.Atoi(m[2])
		return simulator.Known{Kind: simulator.KindPlain, Text: strconv.Itoa(x + y), Wrong: strconv.Itoa(x + y + 1)}, true
	}
	return simulator.Known{}, false
}

// numbersOf are the seed and the number of a case.
func numbersOf(m []string) (seed, i uint64) {
	seed, _ = strconv.ParseUint(m[1], 16, 64) // both fit
	i, _ = strconv.ParseUint(m[2], 10, 64)
	return seed, i
}

func (c *ToolCase) known(second bool) simulator.Known {
	k := simulator.Known{Kind: simulator.KindTools, Text: "Done."}
	at := 0
	if second {
		at = 1
	}
	if at >= len(c.Steps) {
		return k
	}
	call := func(n int, arguments string) simulator.KnownCall {
		return simulator.KnownCall{Name: c.Steps[n].Name, Arguments: arguments}
	}
	k.Text = ""
	k.Calls = []simulator.KnownCall{call(at, string(c.Steps[at].Arguments))}
	if at == 0 {
		k.WrongCalls = []simulator.KnownCall{call(0, c.wrong)}
	}
	if at+1 < len(c.Steps) {
		later := call(at+1, string(c.Steps[at+1].Arguments))
		k.Later = &later
	}
	return k
}

func jsonOf(v any) string {
	if fields, ok := v.(map[string]any); ok {
		return changed(fields, nil)
	}
	return strings.TrimSpace(fmt.Sprint(v))
}
