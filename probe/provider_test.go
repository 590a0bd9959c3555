package probe

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"
)

// Every row is usable as it stands, and is found by its name and by its own base
// URL.
func TestProviders(t *testing.T) {
	want := strings.Fields("openai anthropic gemini together fireworks groq openrouter mistral deepseek xai azure vllm ollama llamacpp lmstudio")
	all := Providers()
	if len(all) != len(want) {
		t.Fatalf("%d providers, want %d", len(all), len(want))
	}
	for i, p := range all {
		t.Run(p.Name, func(t *testing.T) {
			if p.Name != want[i] || p.Name != strings.ToLower(p.Name) || p.Notes == "" {
				t.Errorf("%+v", p)
			}
			if named, ok := ProviderNamed(strings.ToUpper(p.Name)); !ok || named.Name != p.Name {
				t.Errorf("by name: %q", named.Name)
			}
			base := strings.ReplaceAll(p.BaseURL, resource, "mine")
			if at, ok := presetOf(base); !ok || at.Name != p.Name {
				t.Errorf("by %s: %q", base, at.Name)
			}
			target := Target{Name: "a", Model: "m", Provider: p.Name, BaseURL: base, Extra: p.Extra}
			if err := target.Validate(); err != nil {
				t.Error(err)
			}
			if u, err := url.Parse(base); err != nil || p.Local != (u.Scheme == "http") || p.Local != target.Loopback() || p.Local != (len(p.KeyEnv) == 0) {
				t.Errorf("local %v, base URL %s, keys %v", p.Local, base, p.KeyEnv)
			}
			if p.UnloadAfter > 0 && !p.Local {
				t.Error("a model is unloaded elsewhere than here")
			}
			for _, name := range p.KeyEnv {
				if !VariableName(name) || !strings.HasSuffix(name, "_API_KEY") {
					t.Errorf("key variable %q", name)
				}
			}
		})
	}
	for name, after := range map[string]time.Duration{"ollama": 5 * time.Minute, "lmstudio": time.Hour, "vllm": 0} {
		if p, _ := ProviderNamed(name); p.UnloadAfter != after {
			t.Errorf("%s unloads after %v", name, p.UnloadAfter)
		}
	}
}

func TestPreset(t *testing.T) {
	for _, tc := range []struct{ provider, base, want string }{
		{"", "https://api.openai.com/v1", "openai"},
		{"", "https://API.Mistral.AI/v1", "mistral"},
		{"", "https://mine.openai.azure.com/openai/v1", "azure"},
		{"", "https://mine.services.ai.azure.com/openai/v1", "azure"},
		{"", "http://localhost:11434/v1", "ollama"},
		{"", "http://[::1]:1234/v1", "lmstudio"},
		{"", "http://127.0.0.1:8000/v1", "vllm"},
		// A port says nothing of a server elsewhere, nor a name of another port.
		{"", "http://192.168.1.7:11434/v1", ""},
		{"", "http://127.0.0.1:11435/v1", ""},
		{"", "https://api.openai.com.example.org/v1", ""},
		{"", "https://openai.azure.com/v1", ""},
		{"", "https://mine.openai.azure.com.example.org/v1", ""},
		{"", "", ""},
		{"", "http://%zz", ""},
		// The provider that is named counts more than the host; a name that is
		// nobody's, nothing.
		{"mistral", "https://gateway.example.org/v1", "mistral"},
		{"Groq", "https://api.openai.com/v1", "groq"},
		{"Uncle Bob", "https://api.openai.com/v1", "openai"},
		{"Uncle Bob", "https://h.example/v1", ""},
	} {
		p, ok := Target{Provider: tc.provider, BaseURL: tc.base}.Preset()
		if p.Name != tc.want || ok != (tc.want != "") {
			t.Errorf("%q at %s: got %q", tc.provider, tc.base, p.Name)
		}
	}
}

func TestWithPreset(t *testing.T) {
	for _, name := range []string{"OPENAI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY", "AZURE_OPENAI_API_KEY", "MISTRAL_API_KEY"} {
		t.Setenv(name, "")
	}
	for _, tc := range []struct {
		name         string
		set          string // variable
		target, want Target // want only base URL and key
	}{
		{"by name", "", Target{Provider: "openai"}, Target{BaseURL: "https://api.openai.com/v1", KeyEnv: "OPENAI_API_KEY"}},
		{"by host", "", Target{BaseURL: "https://api.mistral.ai/v1"}, Target{BaseURL: "https://api.mistral.ai/v1", KeyEnv: "MISTRAL_API_KEY"}},
		{"the second variable is set", "GOOGLE_API_KEY", Target{Provider: "gemini"}, Target{BaseURL: "https://generativelanguage.googleapis.com/v1beta/openai", KeyEnv: "GOOGLE_API_KEY"}},
		{"neither is set", "", Target{Provider: "gemini"}, Target{BaseURL: "https://generativelanguage.googleapis.com/v1beta/openai", KeyEnv: "GEMINI_API_KEY"}},
		{"its own variable", "", Target{Provider: "openai", KeyEnv: "MINE"}, Target{BaseURL: "https://api.openai.com/v1", KeyEnv: "MINE"}},
		{"its own command", "", Target{Provider: "openai", KeyCommand: "pass x"}, Target{BaseURL: "https://api.openai.com/v1", KeyCommand: "pass x"}},
		{"a local one", "", Target{Provider: "ollama"}, Target{BaseURL: "http://127.0.0.1:11434/v1"}},
		{"azure without a resource", "", Target{Provider: "azure"}, Target{}},
		{"azure with one", "", Target{Provider: "azure", BaseURL: "https://mine.openai.azure.com/openai/v1"}, Target{BaseURL: "https://mine.openai.azure.com/openai/v1", KeyEnv: "AZURE_OPENAI_API_KEY"}},
		{"nobody known", "", Target{BaseURL: "https://h.example/v1"}, Target{BaseURL: "https://h.example/v1"}},
		// A key goes nowhere but to whom it is for, unless that is asked for.
		{"another host", "OPENAI_API_KEY", Target{Provider: "openai", BaseURL: "https://h.example/v1"}, Target{BaseURL: "https://h.example/v1"}},
		{"in clear text", "OPENAI_API_KEY", Target{BaseURL: "http://api.openai.com/v1"}, Target{BaseURL: "http://api.openai.com/v1"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.set != "" {
				t.Setenv(tc.set, "sk-x")
			}
			got := tc.target.WithPreset()
			if got.BaseURL != tc.want.BaseURL || got.keySource() != tc.want.keySource() || got.Provider != tc.target.Provider {
				t.Errorf("got %+v", got)
			}
			if again := got.WithPreset(); again.BaseURL != got.BaseURL || again.keySource() != got.keySource() {
				t.Errorf("a second time: %+v", again)
			}
		})
	}
}

func TestValidateTargets(t *testing.T) {
	raw := func(s string) json.RawMessage { return json.RawMessage(s) }
	good := Target{Name: "a", Model: "m", BaseURL: "https://h.example/v1"}
	for _, tc := range []struct {
		name   string
		change func(*Target)
		error  string // "" for none
	}{
		{"azure without a base URL", func(x *Target) { x.Provider, x.BaseURL = "azure", "" }, "provider azure needs a base URL like https://RESOURCE.openai.azure.com/openai/v1"},
		{"azure as in the preset", func(x *Target) { x.BaseURL = "https://RESOURCE.openai.azure.com/openai/v1" }, "your own resource for RESOURCE"},
		{"azure of old", func(x *Target) {
			x.BaseURL = "https://mine.openai.azure.com/openai/deployments/gpt?api-version=2024-06-01"
		}, "give https://mine.openai.azure.com/openai/v1 and the deployment as the model"},
		{"azure", func(x *Target) { x.BaseURL = "https://mine.openai.azure.com/openai/v1" }, ""},
		{"one source", func(x *Target) { x.KeyKeyring = "costping/me" }, ""},
		{"two sources", func(x *Target) { x.KeyEnv, x.KeyCommand = "A", "hunter2" }, "not from several"},
		{"half a place in the keyring", func(x *Target) { x.KeyKeyring = "hunter2/" }, "service/user"},
		{"no user in the keyring", func(x *Target) { x.KeyKeyring = "hunter2" }, "service/user"},
		{"headers", func(x *Target) { x.Headers = []string{"X-Title: costping", "Authorization: Basic ${A}", "X-Empty:"} }, ""},
		{"a header without a name", func(x *Target) { x.Headers = []string{"Bearer hunter2"} }, "header 1 has no proper name"},
		{"a header with a bad name", func(x *Target) { x.Headers = []string{"X Title: hunter2"} }, "header 1 has no proper name"},
		{"a header of two lines", func(x *Target) { x.Headers = []string{"X-A: hunter2\r\nX-B: c"} }, "header X-A holds characters that cannot be sent"},
		{"Host", func(x *Target) { x.Headers = []string{"host: hunter2"} }, "header host is set by costping itself"},
		{"Content-Length", func(x *Target) { x.Headers = []string{"Content-Length: 7"} }, "is set by costping itself"},
		{"a compressor", func(x *Target) { x.Headers = []string{"Accept-Encoding: gzip"} }, "is set by costping itself"},
		{"half a variable", func(x *Target) { x.Headers = []string{"X-A: ${HUNTER"} }, "after ${ there must be"},
		{"no variable", func(x *Target) { x.Headers = []string{"X-A: ${1}"} }, "after ${ there must be"},
		{"many headers", func(x *Target) { x.Headers = make([]string, maxHeaders+1) }, "more than 32"},
		{"a long header", func(x *Target) { x.Headers = []string{"X-A: " + strings.Repeat("a", maxHeaderText)} }, "longer than"},
		{"extra", func(x *Target) { x.Extra = map[string]json.RawMessage{"provider": raw(`{"order":["a"]}`)} }, ""},
		{"extra that is no JSON", func(x *Target) { x.Extra = map[string]json.RawMessage{"provider": raw(`{`)} }, "extra field provider is not JSON"},
		{"extra without a value", func(x *Target) { x.Extra = map[string]json.RawMessage{"provider": nil} }, "is not JSON"},
		{"extra that is a probe's own", func(x *Target) { x.Extra = map[string]json.RawMessage{"stream": raw("false")} }, "extra field stream is set by costping itself"},
		{"extra without a name", func(x *Target) { x.Extra = map[string]json.RawMessage{"": raw("1")} }, "no proper name"},
		{"large extra", func(x *Target) {
			x.Extra = map[string]json.RawMessage{"a": raw(`"` + strings.Repeat("a", maxExtra) + `"`)}
		}, "larger than"},
		{"an interval below nothing", func(x *Target) { x.Interval = -time.Second }, "negative"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			target := good
			tc.change(&target)
			err := target.Validate()
			switch {
			case tc.error == "" && err != nil:
				t.Error(err)
			case tc.error != "" && (err == nil || !strings.Contains(err.Error(), tc.error)):
				t.Errorf("got %v, want %q", err, tc.error)
			case err != nil && (strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "\n")):
				t.Errorf("got %q", err)
			}
		})
	}
}
