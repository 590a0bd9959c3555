package probe

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net/url"
	"strings"

	openai "github.com/sashabaranov/go-openai"
)

// Profile is the shape of a probe: what is sent, and how long the answer may be.
// Only samples of one profile and cap are compared.
type Profile struct {
	// Name identifies the profile in the history.
	Name string
	// Prompt is the text after the nonce. It asks for an answer longer than
	// MaxTokens, so that every model does the same work: the whole cap.
	Prompt string
	// MaxTokens is the cap on the answer, in the model's own tokens.
	MaxTokens int
}

const countAloud = "Write out the whole numbers from one to five hundred in English words, in order, separated by commas, " +
	"and nothing else: no introduction, no numerals, no remarks. Begin with one, two, three."

// Chat is the default profile: a short question, an answer of 128 tokens.
func Chat() Profile { return Profile{Name: "chat", Prompt: countAloud, MaxTokens: 128} }

// Brief is the profile of the demo: the same question, 48 tokens, so that a
// probe ends within its interval.
func Brief() Profile { return Profile{Name: "brief", Prompt: countAloud, MaxTokens: 48} }

// request is the body of one attempt. Its first bytes are a nonce: no prompt
// cache may hold it.
func (p Profile) request(t Target) openai.ChatCompletionRequest {
	var nonce [8]byte
	_, _ = rand.Read(nonce[:]) // never fails: crypto/rand
	r := openai.ChatCompletionRequest{
		Model: t.Model,
		Messages: []openai.ChatCompletionMessage{{
			Role:    openai.ChatMessageRoleUser,
			Content: "[" + hex.EncodeToString(nonce[:]) + "] " + p.Prompt,
		}},
		Stream:        true,
		StreamOptions: &openai.StreamOptions{IncludeUsage: true},
	}
	d := dialectOf(t)
	older := r
	older.MaxTokens = p.MaxTokens //nolint:staticcheck // what most endpoints but OpenAI's know
	// go-openai itself refuses max_tokens for the models that OpenAI does.
	refused := openai.NewReasoningValidator().Validate(older)
	if d.maxCompletionTokens || errors.Is(refused, openai.ErrReasoningModelMaxTokensDeprecated) {
		r.MaxCompletionTokens = p.MaxTokens
	} else {
		r = older
	}
	if d.noStreamOptions {
		r.StreamOptions = nil
	}
	return r
}

// dialect is what one endpoint wants otherwise than the rest.
type dialect struct {
	host                string
	maxCompletionTokens bool // the cap goes into max_completion_tokens
	noStreamOptions     bool // stream_options is refused; usage comes unasked
}

// dialects by host: one row to correct when a vendor changes its mind.
var dialects = []dialect{
	{host: "api.openai.com", maxCompletionTokens: true},
	{host: "api.groq.com", maxCompletionTokens: true},
	{host: "api.x.ai", maxCompletionTokens: true},
	{host: ".openai.azure.com", maxCompletionTokens: true},
	{host: "api.mistral.ai", noStreamOptions: true},
}

func dialectOf(t Target) dialect {
	u, err := url.Parse(t.BaseURL)
	if err != nil {
		return dialect{}
	}
	host := strings.ToLower(u.Hostname())
	for _, d := range dialects {
		if host == d.host || (d.host[0] == '.' && strings.HasSuffix(host, d.host)) {
			return d
		}
	}
	return dialect{}
}
