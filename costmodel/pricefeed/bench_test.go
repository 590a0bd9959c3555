package pricefeed

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"costping/costmodel"
)

// litellmSized is a feed with as many models as LiteLLM's file has.
func litellmSized() []byte {
	var b bytes.Buffer
	b.WriteString("{")
	for i := range 2984 {
		if i > 0 {
			b.WriteString(",\n")
		}
		fmt.Fprintf(&b, `    "gpt-%d": {
        "cache_read_input_token_cost": 1.25e-06, "cache_read_input_token_cost_priority": 2.125e-06,
        "input_cost_per_token": 2.5e-06, "input_cost_per_token_batches": 1.25e-06, "input_cost_per_token_priority": 4.25e-06,
        "litellm_provider": "openai", "max_input_tokens": 128000, "max_output_tokens": 16384, "max_tokens": 16384, "mode": "chat",
        "output_cost_per_token": 1e-05, "output_cost_per_token_batches": 5e-06, "output_cost_per_token_priority": 1.7e-05,
        "supports_function_calling": true, "supports_parallel_function_calling": true, "supports_pdf_input": true,
        "supports_prompt_caching": true, "supports_response_schema": true, "supports_vision": true
    }`, i)
	}
	b.WriteString("}")
	return b.Bytes()
}

// BenchmarkImport reads and imports LiteLLM's file, the real one where
// COSTPING_FEEDS names a folder with it.
func BenchmarkImport(b *testing.B) {
	data := litellmSized()
	if folder := os.Getenv("COSTPING_FEEDS"); folder != "" {
		var err error
		if data, err = os.ReadFile(filepath.Join(folder, "litellm_model_prices_and_context_window.json")); err != nil {
			b.Fatal(err)
		}
	}
	for name, all := range map[string]bool{"known": false, "all": true} {
		b.Run(name, func(b *testing.B) {
			o := Options{AsOf: day(b, "2026-07-24"), All: all}
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				feed, err := Read(bytes.NewReader(data))
				if err != nil {
					b.Fatal(err)
				}
				if _, _, err := Import(costmodel.Default(), Book{}, feed, o); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
