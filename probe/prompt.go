package probe

import (
	"strings"
	"unicode/utf8"
)

// Profile is the shape of a probe: what is sent, and how long the answer may be.
// Only samples of one profile and cap are compared.
type Profile struct {
	// Name identifies the profile in the history.
	Name string
	// System is the text of a system message before the prompt; "" for none.
	System string
	// Prompt is the text of the user's message. Unless a short answer is the point
	// of the profile, it asks for one longer than MaxTokens, so that every model
	// does the same work: the whole cap.
	Prompt string
	// MaxTokens is the cap on the answer, in the model's own tokens. Models that
	// reason get more where it is low: see Client.Cap.
	MaxTokens int
}

const countAloud = "Write out the whole numbers from one to five hundred in English words, in order, separated by commas, " +
	"and nothing else: no introduction, no numerals, no remarks. Begin with one, two, three."

// Chat is the default profile: a short question, an answer of 128 tokens.
func Chat() Profile { return Profile{Name: "chat", Prompt: countAloud, MaxTokens: 128} }

// Brief is the profile of the demo: the same question, 48 tokens, so that a
// probe ends within its interval.
func Brief() Profile { return Profile{Name: "brief", Prompt: countAloud, MaxTokens: 48} }

// Classify is a task with a long question and a short answer: about 512 tokens
// in, about 16 out. Its answers are too short for a speed to be had from them.
func Classify() Profile {
	return Profile{Name: "classify", System: classifySystem, Prompt: messagesToClassify(), MaxTokens: 64}
}

// LongPrompt has about 900 tokens in and 256 out: what an answer to a document
// is like.
func LongPrompt() Profile {
	return Profile{Name: "long-prompt", Prompt: logToRetell(), MaxTokens: 256}
}

// Profiles returns the profiles that costping has of its own, the default first.
func Profiles() []Profile { return []Profile{Chat(), Brief(), Classify(), LongPrompt()} }

// ProfileNamed returns the profile of its own that has this name.
func ProfileNamed(name string) (Profile, bool) {
	for _, p := range Profiles() {
		if p.Name == name {
			return p, true
		}
	}
	return Profile{}, false
}

// capFor is the cap for a target as far as its model's name tells.
func (p Profile) capFor(t Target) int {
	if reasons(t.Model) {
		return max(p.MaxTokens, reasoningCap)
	}
	return p.MaxTokens
}

// InputTokens is how many tokens the profile takes to send, at most: for a budget,
// before a server has said it. A word, with the spaces before it, is counted at
// three letters a token and never as less than one, where the vocabularies in use
// need four letters or more; whatever is neither a letter nor a space, and each byte
// beyond ASCII, at a token of its own, which no vocabulary built on bytes exceeds.
// Each message has sixteen tokens for what is put around it, and the first one its
// nonce. What a target adds of its own is not in it.
func (p Profile) InputTokens() int {
	const around = 16
	tokens := around + nonceLength + tokensAtMost(p.Prompt)
	if p.System != "" {
		tokens += around + tokensAtMost(p.System)
	}
	return tokens
}

func tokensAtMost(text string) int {
	tokens, length := 0, 0 // of the word at hand, in bytes
	begun := false         // it has a letter
	for _, b := range []byte(text) {
		letter := 'a' <= b|0x20 && b|0x20 <= 'z'
		if begun && !letter || !letter && b != ' ' {
			tokens += (length + 2) / 3
			length, begun = 0, false
		}
		if letter || b == ' ' {
			length++
			begun = begun || letter
		} else {
			tokens++
		}
	}
	return tokens + (length+2)/3
}

// inputTokens is how many tokens a probe of a target takes to send, at most: the
// profile's, and one for each byte of the fields that are the target's own, among
// which may be tools and schemas.
func (p Profile) inputTokens(t Target) int {
	return p.InputTokens() + t.extraTokens()
}

// extraTokens is what the fields of a target's own take to send, at most.
func (t Target) extraTokens() int {
	tokens := 0
	for name, value := range t.Extra {
		tokens += len(name) + len(value)
	}
	return tokens
}

// plain reports whether text is fit for a prompt: valid, and without control
// characters other than those that break lines.
func plain(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool {
		return r == 0x7f || r < ' ' && r != '\n' && r != '\t' && r != '\r'
	})
}
