package pricefeed

import (
	"slices"
	"strings"
	"unicode"
)

// otherKinds are words in the names of models that make images, speech or scores,
// which feeds without kinds list beside the others, and some call chat.
var otherKinds = map[string]bool{
	"flux": true, "whisper": true, "tts": true, "melotts": true, "transcribe": true, "rerank": true, "reranker": true,
	"dall": true, "imagen": true, "sdxl": true, "moderation": true,
}

// conversational reports whether a model reads and writes text, by the modalities
// that its feed gives, where it gives any, and by the words of its name.
func conversational(id string, input, output []string) bool {
	for _, modalities := range [][]string{input, output} {
		if len(modalities) > 0 && !slices.Contains(modalities, "text") {
			return false
		}
	}
	words := strings.FieldsFunc(strings.ToLower(id), func(r rune) bool { return !unicode.IsLetter(r) })
	for i, word := range words {
		if otherKinds[word] || word == "gpt" && i+1 < len(words) && words[i+1] == "image" || word == "stable" && i+1 < len(words) && words[i+1] == "diffusion" {
			return false
		}
	}
	return true
}
