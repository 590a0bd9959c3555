package check

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"

	"costping/probe/simulator"
)

// needleOf is a fact that is looked for, askedFor how it is asked for.
var (
	needleOf = regexp.MustCompile(`The access code of the ([a-z]+) gate is (\d{6})\.`)
	askedFor = regexp.MustCompile(`What is the access code of the ([a-z]+) gate\?`)
)

var (
	gates   = []string{"harbour", "orchard", "quarry", "meadow", "granite", "copper", "willow", "lantern"}
	hayWho  = []string{"The clerk", "A visitor", "The gardener", "Our driver", "The night shift", "An old friend", "The caretaker", "A student"}
	hayDid  = []string{"counted", "painted", "described", "repaired", "carried", "photographed", "forgot", "labelled"}
	hayWhat = []string{"the blue crates", "seven chairs", "a broken clock", "the garden path", "some letters", "the winter coats", "an empty jar", "the tall windows"}
	hayWhen = []string{"before lunch", "on a rainy day", "late in the evening", "without a word", "for the second time", "near the river", "after the meeting", "in the spring"}
)

// haystack is a text of about so many words, each sentence drawn, with one fact in
// it: depth 0 puts it first, 1 last. The same seed gives the same.
func haystack(seed uint64, words int, depth float64) (prompt, code string) {
	rng := rand.New(rand.NewPCG(seed, uint64(words)))
	gate := pick(rng, gates)
	code = fmt.Sprintf("%06d", rng.IntN(1_000_000))
	var sentences []string
	for n := 0; n < words; {
		s := strings.Join([]string{pick(rng, hayWho), pick(rng, hayDid), pick(rng, hayWhat), pick(rng, hayWhen)}, " ") + "."
		n += len(strings.Fields(s))
		sentences = append(sentences, s)
	}
	at := int(depth*float64(len(sentences)) + 0.5)
	var b strings.Builder
	fmt.Fprintf(&b, "Notes %x. Read them; one question follows.\n\n", seed) // no two requests begin alike: no cache holds them
	for i, s := range sentences {
		if i == at {
			fmt.Fprintf(&b, "The access code of the %s gate is %s. ", gate, code)
		}
		b.WriteString(s + " ")
	}
	if at >= len(sentences) {
		fmt.Fprintf(&b, "The access code of the %s gate is %s. ", gate, code)
	}
	fmt.Fprintf(&b, "\n\nWhat is the access code of the %s gate? Answer with the six digits alone.", gate)
	return b.String(), code
}

// knownNeedle answers such a request.
func knownNeedle(text string) (simulator.Known, bool) {
	asked := askedFor.FindStringSubmatch(text)
	if asked == nil {
		return simulator.Known{}, false
	}
	found := needleOf.FindStringSubmatchIndex(text)
	if len(found) < 6 || text[found[2]:found[3]] != asked[1] {
		return simulator.Known{}, false
	}
	return simulator.Known{
		Kind: simulator.KindRecall, Text: text[found[4]:found[5]], Wrong: "I do not know.",
		Depth: float64(found[0]) / float64(len(text)),
	}, true
}
