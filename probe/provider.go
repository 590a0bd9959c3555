package probe

import (
	"encoding/json"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"
)

// CapField is the name under which an endpoint takes the cap on the answer.
type CapField string

// The fields. An endpoint that takes either gets max_tokens, which is the older
// of the two, except for models that are known to reason.
const (
	CapEither           CapField = ""
	MaxTokens           CapField = "max_tokens"
	MaxCompletionTokens CapField = "max_completion_tokens"
)

// Provider is the preset for one kind of endpoint: where it is and what it wants
// otherwise than the rest. It is data, read from vendors' pages and code of
// different dates: one row to correct when a vendor changes its mind.
type Provider struct {
	// Name is what Target.Provider and a configuration call it: lower case.
	Name string
	// BaseURL is the root of the API. Where it holds RESOURCE, that stands for a
	// part that each customer has of their own, and every target needs a base URL.
	BaseURL string
	// KeyEnv names the variables that a key is usually kept in, the likeliest
	// first; none where the endpoint wants no key.
	KeyEnv []string
	// KeyHeader is the header for the bare key; "" for a bearer token in
	// Authorization.
	KeyHeader string
	// Cap is the field that the cap goes into.
	Cap CapField
	// NoStreamOptions says that stream_options is refused.
	NoStreamOptions bool
	// UsageUnasked says that a stream carries usage whether asked for or not.
	UsageUnasked bool
	// Local says that the server runs on the user's own machine.
	Local bool
	// UnloadAfter is how long without a request a local server keeps a model that
	// it loads on the first one; 0 where a model stays loaded.
	UnloadAfter time.Duration
	// Extra holds fields for the body of every request, as JSON.
	Extra map[string]json.RawMessage
	// Notes says in a line what else to know of it.
	Notes string

	// hosts are those whose targets speak this way without naming it: a host, a
	// suffix that begins with a dot, or for a local server a port on loopback.
	hosts []string
}

// Providers returns all presets. The caller may change what it gets.
func Providers() []Provider {
	return []Provider{
		{
			Name: "openai", BaseURL: "https://api.openai.com/v1", KeyEnv: []string{"OPENAI_API_KEY"}, Cap: MaxCompletionTokens,
			hosts: []string{"api.openai.com"},
			Notes: "The first chunk has a role and no token; usage comes in a last chunk without choices.",
		},
		{
			Name: "anthropic", BaseURL: "https://api.anthropic.com/v1", KeyEnv: []string{"ANTHROPIC_API_KEY"},
			hosts: []string{"api.anthropic.com"},
			Notes: "The OpenAI-compatible endpoint; response_format may be ignored.",
		},
		{
			Name: "gemini", BaseURL: "https://generativelanguage.googleapis.com/v1beta/openai",
			KeyEnv: []string{"GEMINI_API_KEY", "GOOGLE_API_KEY"}, UsageUnasked: true,
			hosts: []string{"generativelanguage.googleapis.com"},
			Notes: "Cumulative usage on every chunk leaves thoughts out; unknown fields are refused; an error is a JSON array.",
		},
		{
			Name: "together", BaseURL: "https://api.together.ai/v1", KeyEnv: []string{"TOGETHER_API_KEY"}, Cap: MaxTokens,
			UsageUnasked: true, hosts: []string{"api.together.ai", "api.together.xyz"},
			Notes: "Models are called vendor/name; reasoning comes under the name reasoning.",
		},
		{
			Name: "fireworks", BaseURL: "https://api.fireworks.ai/inference/v1", KeyEnv: []string{"FIREWORKS_API_KEY"}, Cap: MaxTokens,
			UsageUnasked: true, hosts: []string{"api.fireworks.ai"},
			Notes: "A header tells the server's own time to the first token.",
		},
		{
			Name: "groq", BaseURL: "https://api.groq.com/openai/v1", KeyEnv: []string{"GROQ_API_KEY"}, Cap: MaxCompletionTokens,
			hosts: []string{"api.groq.com"},
			Notes: "x_groq.usage tells the server's own times.",
		},
		{
			Name: "openrouter", BaseURL: "https://openrouter.ai/api/v1", KeyEnv: []string{"OPENROUTER_API_KEY"}, Cap: MaxTokens,
			UsageUnasked: true, Extra: map[string]json.RawMessage{"usage": json.RawMessage(`{"include":true}`)},
			hosts: []string{"openrouter.ai"},
			Notes: "Sends comments while it waits and errors inside chunks. Pin who serves the model with the extra field provider: else samples of several are mixed.",
		},
		{
			Name: "mistral", BaseURL: "https://api.mistral.ai/v1", KeyEnv: []string{"MISTRAL_API_KEY"}, Cap: MaxTokens,
			NoStreamOptions: true, UsageUnasked: true, hosts: []string{"api.mistral.ai"},
			Notes: "Fields it does not know are a 422; content may be a list of parts.",
		},
		{
			Name: "deepseek", BaseURL: "https://api.deepseek.com", KeyEnv: []string{"DEEPSEEK_API_KEY"}, Cap: MaxTokens,
			hosts: []string{"api.deepseek.com"},
			Notes: "Keeps a waiting connection alive with comments, for minutes.",
		},
		{
			Name: "xai", BaseURL: "https://api.x.ai/v1", KeyEnv: []string{"XAI_API_KEY"}, Cap: MaxCompletionTokens,
			hosts: []string{"api.x.ai"},
			Notes: "completion_tokens leaves reasoning out.",
		},
		{
			Name: "azure", BaseURL: "https://" + resource + ".openai.azure.com/openai/v1", KeyEnv: []string{"AZURE_OPENAI_API_KEY"},
			KeyHeader: "Api-Key", Cap: MaxCompletionTokens, hosts: []string{".openai.azure.com", ".services.ai.azure.com"},
			Notes: "The model is the name of the deployment; the usual content filter lets text pass in blocks.",
		},
		{
			Name: "vllm", BaseURL: "http://127.0.0.1:8000/v1", Local: true, hosts: []string{"8000"},
			Notes: "Started with --api-key it wants that key.",
		},
		{
			Name: "ollama", BaseURL: "http://127.0.0.1:11434/v1", Cap: MaxTokens, Local: true, UnloadAfter: 5 * time.Minute,
			hosts: []string{"11434"},
			Notes: "The first call loads the model; max_completion_tokens caps nothing.",
		},
		{
			Name: "llamacpp", BaseURL: "http://127.0.0.1:8080/v1", Local: true, hosts: []string{"8080"},
			Notes: "timings tells the server's own times.",
		},
		{
			Name: "lmstudio", BaseURL: "http://127.0.0.1:1234/v1", Cap: MaxTokens, Local: true, UnloadAfter: time.Hour,
			hosts: []string{"1234"},
			Notes: "The first call loads the model; usage may be missing, and with it the speed.",
		},
	}
}

// ProviderNamed returns the preset of this name, in whatever case.
func ProviderNamed(name string) (Provider, bool) {
	return presetWhere(func(p Provider) bool { return strings.EqualFold(p.Name, name) })
}

// presetOf returns the preset of the endpoint at a base URL.
func presetOf(baseURL string) (Provider, bool) {
	u, err := url.Parse(baseURL)
	if err != nil {
		return Provider{}, false
	}
	return presetWhere(func(p Provider) bool { return p.at(u) })
}

func presetWhere(match func(Provider) bool) (Provider, bool) {
	all := Providers()
	if i := slices.IndexFunc(all, match); i >= 0 {
		return all[i], true
	}
	return Provider{}, false
}

// at reports whether the endpoint at u is this provider's own.
func (p Provider) at(u *url.URL) bool {
	name := strings.ToLower(u.Hostname())
	return slices.ContainsFunc(p.hosts, func(host string) bool {
		switch {
		case p.Local:
			return u.Port() == host && loopback(name)
		case host[0] == '.':
			return strings.HasSuffix(name, host)
		}
		return name == host
	})
}

// resource stands in a preset's base URL for the customer's own part of it.
const resource = "RESOURCE"

// Preset is what is known of the target's endpoint: by the provider it names, or
// else by its host. ok is false where that is nothing.
func (t Target) Preset() (p Provider, ok bool) {
	if p, ok = ProviderNamed(t.Provider); ok {
		return p, true
	}
	return presetOf(t.BaseURL)
}

// WithPreset fills in from the target's preset what it leaves out: the base URL,
// and the variable that the key is in, which is the first of the usual ones that
// is set, else the first. A key is only looked for where the base URL is the
// provider's own, over TLS: whoever wants it sent anywhere else has to say so.
func (t Target) WithPreset() Target {
	p, ok := t.Preset()
	if !ok {
		return t
	}
	if t.BaseURL == "" && !strings.Contains(p.BaseURL, resource) {
		t.BaseURL = p.BaseURL
	}
	u, err := url.Parse(t.BaseURL)
	if t.KeyEnv+t.KeyCommand+t.KeyKeyring != "" || len(p.KeyEnv) == 0 || err != nil || u.Scheme != "https" || !p.at(u) {
		return t
	}
	t.KeyEnv = p.KeyEnv[0]
	for _, name := range p.KeyEnv {
		if strings.TrimSpace(os.Getenv(name)) != "" {
			t.KeyEnv = name
			break
		}
	}
	return t
}

// loopback reports whether a host, without its port, is this machine by its own
// word.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
