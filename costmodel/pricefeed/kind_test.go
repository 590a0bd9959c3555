package pricefeed

import "testing"

// What does not read and write text is not chat, by modalities, mode or name.
func TestOtherKindsAreSkipped(t *testing.T) {
	litellm := func(name, more string) string {
		return `{"` + name + `": {"litellm_provider": "openai", "input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6` + more + `}}`
	}
	modelsDev := func(name, in, out string) string {
		return `{"openai": {"models": {"` + name + `": {"id": "` + name + `", "modalities": {"input": [` + in + `], "output": [` + out + `]}, "cost": {"input": 1, "output": 2}}}}}`
	}
	for _, c := range []struct {
		text string
		chat bool
	}{
		{litellm("m", `, "mode": "chat"`), true},
		{litellm("m", `, "mode": "completion"`), true},
		{litellm("m", `, "mode": "responses"`), true},
		{litellm("m", ""), false},
		{litellm("m", `, "mode": "image_generation"`), false},
		{litellm("accounts/models/flux-1-dev", `, "mode": "chat"`), false},
		{litellm("m", `, "mode": "chat", "supported_output_modalities": ["audio"]`), false},
		{litellm("m", `, "mode": "chat", "supported_modalities": ["audio"]`), false},
		{litellm("m", `, "mode": "chat", "supported_modalities": ["text", "image"], "supported_output_modalities": ["text"]`), true},
		{modelsDev("m", `"text"`, `"text", "image"`), true},
		{modelsDev("m", `"audio"`, `"text"`), false},
		{modelsDev("m", `"text"`, `"image"`), false},
		{modelsDev("openai/whisper-large-v3", "", ""), false},
		{modelsDev("influx", "", ""), true},
		{`[{"id": "openai", "models": [{"id": "gpt-image-1", "prices": {"input_mtok": 1, "output_mtok": 2}}]}]`, false},
		{`[{"id": "openai", "models": [{"id": "gpt-5", "prices": {"input_mtok": 1, "output_mtok": 2}}]}]`, true},
		{`{"data": [{"id": "a/b", "architecture": {"input_modalities": ["audio"], "output_modalities": ["text"]}, "pricing": {"prompt": "1e-6", "completion": "2e-6"}}]}`, false},
	} {
		f := read(t, c.text)
		if chat := len(f.Listings) == 1; chat != c.chat || !chat && f.Skipped[OtherKind] != 1 {
			t.Errorf("%d models, skipped %v: %s", len(f.Listings), f.Skipped, c.text)
		}
	}
}
