package config

import (
	"fmt"

	"costping/probe"
)

// Complete fills in what the target's provider implies. There are no presets yet,
// so a target has to say where it is; both the file and the command line come
// through here.
func Complete(t probe.Target) (probe.Target, error) {
	if t.BaseURL == "" && t.Name != "" && t.Model != "" {
		return t, fmt.Errorf("target %s has no base_url, such as \"https://api.openai.com/v1\"", probe.Sanitize(t.Name, 80))
	}
	return t, nil
}
