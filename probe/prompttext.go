package probe

import (
	"fmt"
	"strings"
)

// The long prompts are put together from these lists, the same on every machine
// and in every version: a changed prompt is another profile. Their lengths are
// said in tokens as a vocabulary for English has them, where common words are one
// token each.

const classifySystem = "You sort the letters that reach a shop for garden tools. Each letter gets exactly one of these labels: " +
	"billing, delivery, repair, advice, praise, other. Answer with one line and nothing else: the labels of all letters, " +
	"in the order of their numbers, separated by commas."

var greetings = []string{
	"Good morning, I hope that this finds the right desk.",
	"Dear people of the shop, a short question from an old customer.",
	"Hello, my neighbour told me to write to you and not to call.",
	"To whom it may concern, and I think that it concerns somebody.",
}

var lettersToSort = []string{
	"The invoice for my two spades lists three of them. I have paid for two, which is what the parcel held, and would like a new one without the third.",
	"The wheelbarrow was promised for Tuesday. It is Friday now, the driver has been in our street twice, and the gravel still lies where it was tipped.",
	"The handle of the small axe came loose after one winter. Can you fit a new one, and should I send the head alone or all of it together with the case?",
	"My soil is heavy and stays wet until May. Would the narrow fork or the broad one be better for potatoes, and how deep should a beginner dig with it?",
	"I only want to say that the pruning knife is the best I have owned in forty years. Please tell the person who ground it, and thank her from both of us.",
	"The second half of the order has not come, although your page has shown it as handed over since last week. Nobody in the house has signed for anything.",
	"You took the amount for the hedge shears twice from my account, on the third and again on the fourth. The bank says that only you can give it back.",
	"Our school would like to visit your forge with twenty children in June. Is there a day on which that does not disturb, and what should they wear?",
}

// messagesToClassify is the question of Classify: eight numbered letters.
func messagesToClassify() string {
	var b strings.Builder
	b.WriteString("Here are the letters of today.\n")
	for i, letter := range lettersToSort {
		fmt.Fprintf(&b, "\nLetter %d: %s %s The reference on the label is %d.\n", i+1, greetings[i%len(greetings)], letter, 2100+37*i)
	}
	b.WriteString("\nNow the line of labels:")
	return b.String()
}

var (
	boats = []string{
		"the ferry from the islands", "a blue trawler", "the pilot boat", "an old schooner under motor",
		"the gravel barge", "a yacht with a torn sail", "the mail boat",
	}
	doings = []string{
		"made fast at the north quay and began to unload", "asked for water and a carpenter", "left with the tide, two men short",
		"turned back at the bar because of the swell", "took on ice and forty empty crates",
	}
	remarks = []string{
		"the wind stood in the west and freshened", "the crane was out of order until noon", "a dog was found aboard that belonged to nobody",
		"the harbour master lent them his own rope",
	}
)

// logToRetell is the question of LongPrompt: a day in the log of a harbour.
func logToRetell() string {
	const entries = 28
	var b strings.Builder
	b.WriteString("This is one day in the log of a small harbour.\n\n")
	for i := range entries {
		minutes := 5*60 + 31*i
		fmt.Fprintf(&b, "Entry %d, %02d:%02d. Then %s %s; %s.\n",
			i+1, minutes/60, minutes%60, boats[i%len(boats)], doings[i%len(doings)], remarks[i%len(remarks)])
	}
	b.WriteString("\nRetell this day for the people of the town, as a story in plain words: in order, entry by entry, leaving nothing out, " +
		"with what each of them might have seen and heard. Write at least eight hundred words, and begin at once with the story.")
	return b.String()
}
