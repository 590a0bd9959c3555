package simulator

import (
	"strings"
	"unicode"
)

// The words of every answer, over and over; one token each.
var words = strings.Fields(`the server sends one word after another and each of them is a single token so that
	whoever reads along can count what came and see when it came while nothing here was thought up by a model
	because only the time between two words is of any interest in this small and patient stream of plain text`)

// A wordSource gives the text of a completion, token by token.
type wordSource struct{ next uint64 }

// take returns n tokens: words, each with a leading space.
func (s *wordSource) take(n int) string {
	var text strings.Builder
	for range n {
		text.WriteByte(' ')
		text.WriteString(words[s.next%uint64(len(words))])
		s.next++
	}
	return text.String()
}

// CountTokens is the simulator's own measure of a prompt: each run of letters and
// digits is a token, and so is each other character that is not a space.
func CountTokens(text string) int {
	tokens, inWord := 0, false
	for _, r := range text {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if !inWord {
				tokens++
			}
			inWord = true
		case unicode.IsSpace(r):
			inWord = false
		default:
			tokens++
			inWord = false
		}
	}
	return tokens
}
